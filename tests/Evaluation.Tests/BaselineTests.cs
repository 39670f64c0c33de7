using GpuMem.Evaluation.Baselines;
using GpuMem.Evaluation.Cases;

namespace GpuMem.Evaluation.Tests;

public sealed class BaselineTests
{
    private const double T5 = 2851e6;
    private const double T5Largest = 32e6;
    private const double Llama70B = 70_553_706_496;

    [Theory]
    [InlineData(true, 5.31, 127.45)]
    [InlineData(false, 11.28, 127.45)]
    public void DeepSpeed_stage_two_answers_as_its_estimator_does(bool offload, double gpu, double host) =>
        AssertGiB(gpu, host, DeepSpeedEstimators.Zero2(T5, gpusPerNode: 8, nodes: 1, offload));

    [Theory]
    [InlineData(true, true, 0.12, 71.69)]
    [InlineData(false, true, 0.78, 63.72)]
    [InlineData(false, false, 6.09, 1.43)]
    public void DeepSpeed_stage_three_answers_as_its_estimator_does(bool parameters, bool optimizer, double gpu, double host) =>
        AssertGiB(gpu, host, DeepSpeedEstimators.Zero3(T5, T5Largest, gpusPerNode: 8, nodes: 1, parameters, optimizer));

    [Theory]
    [InlineData(true, true, 3.91, 1774.1)]
    [InlineData(false, true, 20.34, 1576.97)]
    [InlineData(false, false, 151.76, 46.97)]
    public void DeepSpeed_stage_three_of_seventy_billion(bool parameters, bool optimizer, double gpu, double host) =>
        AssertGiB(gpu, host, DeepSpeedEstimators.Zero3(Llama70B, 128_256 * 8192L, gpusPerNode: 8, nodes: 1, parameters, optimizer), tolerance: 0.1);

    [Fact]
    public void DeepSpeed_stage_two_takes_every_rank_to_load_the_model() =>
        AssertGiB(14.96, 358.98, DeepSpeedEstimators.Zero2(8_030_261_248, gpusPerNode: 8, nodes: 1, offloadOptimizer: true));

    [Fact]
    public void Sixteen_bytes_per_parameter_are_divided_over_the_ranks_that_share_one_copy() =>
        Assert.Equal(16.0 * 8_030_261_248 / 8, SixteenBytesPerParameter.PerGpu(CaseReader.Parse(CaseText.Bytes)), tolerance: 1);

    [Fact]
    public void Megatron_counts_six_bytes_whole_and_twelve_divided()
    {
        var item = CaseReader.Parse(CaseText.Bytes);
        var empty = item with { Batch = item.Batch with { SequenceLength = 0 } };
        Assert.Equal(7.5 * 8_030_261_248, MegatronTheory.PerGpu(empty), tolerance: 7.5 * 5_000_000);
    }

    private static void AssertGiB(double gpu, double host, (double Gpu, double Host) actual, double tolerance = 0.006)
    {
        Assert.Equal(gpu, actual.Gpu / Bytes.PerGiB, tolerance);
        Assert.Equal(host, actual.Host / Bytes.PerGiB, tolerance);
    }
}
