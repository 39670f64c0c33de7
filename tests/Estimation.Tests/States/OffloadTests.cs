using GpuMem.Estimation.Buffers;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Ranks;
using GpuMem.Estimation.States;

namespace GpuMem.Estimation.Tests.States;

public sealed class OffloadTests
{
    private const long Parameters = 8_030_261_248;

    [Fact]
    public void FSDP_on_the_host_leaves_no_states_on_the_GPU()
    {
        var estimate = Estimate(TrainingFramework.PyTorchFSDP, Sharding.Full, new OffloadSpec { Parameters = OffloadTarget.Host });
        Assert.Equal(Bytes.Zero, estimate.States());
        Assert.Equal(Bytes.Zero, estimate.LowerBound);
        Assert.True(estimate.Size(TermKind.GatheredParameters) > Bytes.Zero);
    }

    [Theory]
    [InlineData(8, 8)]
    [InlineData(32, 8)]
    [InlineData(4, 4)]
    public void The_host_of_a_node_holds_the_shards_of_its_ranks(int data, int ranksOfNode)
    {
        var estimate = Estimate(TrainingFramework.PyTorchFSDP, Sharding.Full, new OffloadSpec { Parameters = OffloadTarget.Host }, data);
        Assert.Equal(16 * Parameters / data * ranksOfNode, estimate.HostMemoryPerNode.Value, tolerance: 64);
    }

    [Fact]
    public void A_step_on_the_host_takes_states_master_and_sharded_gradients_along()
    {
        var estimate = Estimate(TrainingFramework.DeepSpeed, Sharding.Gradients, new OffloadSpec { Optimizer = OffloadTarget.Host });
        Assert.Equal(2 * Parameters, estimate.LowerBound.Value);

        // 2 bytes of gradients, 4 of their copy for the step, 4 of the master weights, 8 of states.
        Assert.Equal(18 * Parameters, estimate.HostMemoryPerNode.Value, tolerance: 64);
    }

    [Fact]
    public void Without_sharded_gradients_these_stay()
    {
        var estimate = Estimate(TrainingFramework.DeepSpeed, Sharding.Optimizer, new OffloadSpec { Optimizer = OffloadTarget.Host });
        Assert.Equal(4 * Parameters, estimate.LowerBound.Value);
        Assert.Equal(16 * Parameters, estimate.HostMemoryPerNode.Value, tolerance: 64);
    }

    [Fact]
    public void Disks_take_weights_and_states_and_the_host_keeps_gradients_and_buffers()
    {
        var estimate = Estimate(TrainingFramework.DeepSpeed, Sharding.Full, new OffloadSpec { Parameters = OffloadTarget.NVMe, Optimizer = OffloadTarget.NVMe });
        Assert.Equal(18 * Parameters, estimate.NvmePerNode.Value, tolerance: 64);
        Assert.True(estimate.HostMemoryPerNode.Value > 2 * Parameters);
    }

    [Fact]
    public void Activations_on_the_host_leave_two_layers()
    {
        var (plain, offloaded) = (Activations(new OffloadSpec()), Activations(new OffloadSpec { Activations = true }));
        Assert.Equal(plain.OnGpu * 2 / 32, offloaded.OnGpu);
        Assert.Equal(8 * (plain.OnGpu - offloaded.OnGpu), offloaded.OnHost);
    }

    [Fact]
    public void A_step_on_the_host_makes_no_copies_on_the_GPU()
    {
        var offloaded = Rank(new OffloadSpec { Parameters = OffloadTarget.Host });
        Assert.Equal(0, OptimizerTemporaries.Of(offloaded, new ModelStates(offloaded)).Upper);
        var plain = Rank(new OffloadSpec());
        Assert.Equal(4 * Parameters / 8, OptimizerTemporaries.Of(plain, new ModelStates(plain)).Upper);

        static RankContext Rank(OffloadSpec offload) => new(Job(TrainingFramework.PyTorchFSDP, Sharding.Full, offload, data: 8), 0);
    }

    [Fact]
    public void Nothing_is_off_the_GPU_unless_asked_for() =>
        Assert.Equal(Bytes.Zero, Estimate(TrainingFramework.DeepSpeed, Sharding.Full, new OffloadSpec()).HostMemoryPerNode);

    private static (long OnGpu, long OnHost) Activations(OffloadSpec offload)
    {
        var job = Job(TrainingFramework.PyTorchFSDP, Sharding.Full, offload, data: 8);
        var stored = new GpuMem.Estimation.Activations.ActivationMemory(new RankContext(job, 0)).Stored.Expected;
        return (stored, MemoryEstimator.Estimate(job).HostMemoryPerNode.Value);
    }

    private static Estimate Estimate(TrainingFramework framework, Sharding sharding, OffloadSpec offload, int data = 8) =>
        MemoryEstimator.Estimate(Job(framework, sharding, offload, data));

    private static JobSpec Job(TrainingFramework framework, Sharding sharding, OffloadSpec offload, int data)
    {
        var job = Example.Job(Example.Llama8B, framework, data, sharding);
        return job with { Training = job.Training with { Offload = offload } };
    }
}
