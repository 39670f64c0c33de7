using GpuMem.Evaluation.Baselines;

namespace GpuMem.Evaluation.Tests;

/// <summary>Against what DeepSpeed itself prints (docs/code-docs/source/memory.rst, and its code where that page is older).</summary>
public sealed class DeepSpeedEstimatorTests
{
    private const double T5 = 2851e6;
    private const double T5Layer = 32e6;
    private const double Llama70B = 70_553_706_496;
    private const double Llama70BLayer = 128_256.0 * 8192;

    [Theory]
    [InlineData(true, 5.31, 127.45)]
    [InlineData(false, 11.28, 127.45)]
    public void Stage_two_of_T5(bool offload, double gpu, double host) => Same((gpu, host), DeepSpeedEstimators.Zero2(T5, gpusPerNode: 8, nodes: 1, offload));

    [Theory]
    [InlineData(true, true, 0.12, 71.69)]
    [InlineData(false, true, 0.78, 63.72)]
    [InlineData(false, false, 6.09, 1.43)]
    public void Stage_three_of_T5(bool parameters, bool optimizer, double gpu, double host) =>
        Same((gpu, host), DeepSpeedEstimators.Zero3(T5, T5Layer, gpusPerNode: 8, nodes: 1, parameters, optimizer));

    [Theory]
    [InlineData(true, true, 127.45)]
    [InlineData(false, true, 127.45)]
    [InlineData(false, false, 127.45)]
    public void Without_divided_initialisation_every_rank_of_a_node_loads_the_model(bool parameters, bool optimizer, double host) =>
        Assert.Equal(host, GiB(DeepSpeedEstimators.Zero3(T5, T5Layer, 8, 1, parameters, optimizer, zeroInit: false).Host), tolerance: 0.006);

    [Theory]
    [InlineData(true, true, 3.9, 1774)]
    [InlineData(false, true, 20.3, 1577)]
    [InlineData(false, false, 151.8, 47)]
    public void Stage_three_of_Llama_70B(bool parameters, bool optimizer, double gpu, double host)
    {
        var (onGpu, onHost) = DeepSpeedEstimators.Zero3(Llama70B, Llama70BLayer, 8, 1, parameters, optimizer);
        Assert.Equal(gpu, GiB(onGpu), tolerance: 0.06);
        Assert.Equal(host, GiB(onHost), tolerance: 0.6);
    }

    [Fact]
    public void Stage_two_of_Llama_8B_on_the_host_is_pessimistic()
    {
        var (gpu, host) = DeepSpeedEstimators.Zero2(8_030_261_248, 8, 1, offloadOptimizer: true);
        Assert.Equal(14.96, GiB(gpu), tolerance: 0.006);
        Assert.Equal(359, GiB(host), tolerance: 0.6);
    }

    [Fact]
    public void Host_memory_of_stage_three_is_per_node_and_of_stage_two_for_all()
    {
        Assert.Equal(DeepSpeedEstimators.Zero3(T5, T5Layer, 8, 1, true, true).Host / 4, DeepSpeedEstimators.Zero3(T5, T5Layer, 8, 4, true, true).Host);
        Assert.Equal(4 * DeepSpeedEstimators.Zero2(T5, 8, 1, true).Host, DeepSpeedEstimators.Zero2(T5, 8, 4, true).Host);
    }

    private static void Same((double Gpu, double Host) gib, (double Gpu, double Host) bytes)
    {
        Assert.Equal(gib.Gpu, GiB(bytes.Gpu), tolerance: 0.006);
        Assert.Equal(gib.Host, GiB(bytes.Host), tolerance: 0.006);
    }

    private static double GiB(double bytes) => bytes / Bytes.PerGiB;
}
