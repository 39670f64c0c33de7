using GpuMem.Estimation.Jobs;

namespace GpuMem.Estimation.Tests.Jobs;

public sealed class NodeTotalTests
{
    [Fact]
    public void What_one_rank_can_count_and_a_node_cannot_is_a_problem_in_both_answers()
    {
        // About 1.7 EB of activations per rank leave the GPU; eight ranks share a host.
        var job = Example.Job(Example.Llama8B with { VocabularySize = 1024 }, data: 8, sequenceLength: 100_000_000);
        job = job with { Training = job.Training with { MicroBatchSize = 65_536, Offload = new OffloadSpec { Activations = true } } };
        Assert.Single(MemoryEstimator.Validate(job));
        Assert.Throws<InvalidJobException>(() => MemoryEstimator.Estimate(job));
        Assert.Empty(MemoryEstimator.Validate(job with { Parallelism = job.Parallelism with { GpusPerNode = 1 } }));
    }
}
