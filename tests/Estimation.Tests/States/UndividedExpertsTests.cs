using GpuMem.Estimation.Jobs;

namespace GpuMem.Estimation.Tests.States;

/// <summary>FSDP 2 divides the experts of transformers 5 one by one: <c>findings/fsdp-more-ranks-than-rows.sh</c>.</summary>
public sealed class UndividedExpertsTests
{
    // One of the eight of Mixtral 8x7B: 32 layers, 3 matrices of 4,096 × 14,336.
    private const long Expert = 32L * 3 * 4096 * 14_336;

    [Theory]
    [InlineData(8)]
    [InlineData(12)]
    [InlineData(64)]
    public void However_many_ranks_there_are_each_may_hold_a_whole_expert(int ranks)
    {
        var (divided, whole) = (Weights(ranks, fsdp: 1), Weights(ranks, fsdp: 2));
        var bytes = whole.UpperBound.Value - divided.UpperBound.Value;

        // Weights, gradients and states in fp32.
        Assert.InRange(bytes, 16 * (Expert - (8 * Expert / ranks) - 1), 16 * (Expert - (8 * Expert / ranks)));
        Assert.Equal(divided.Expected, whole.Expected);
    }

    [Fact]
    public void Transformers_4_has_each_expert_in_parameters_of_its_own() =>
        Assert.Equal(Weights(64, fsdp: 1, "4.57.0").UpperBound, Weights(64, fsdp: 2, "4.57.0").UpperBound);

    private static Term Weights(int ranks, int fsdp, string? release = null)
    {
        var job = Example.Job(Example.Model("mistralai/Mixtral-8x7B-v0.1"), data: ranks);
        return MemoryEstimator.Estimate(job with
        {
            Training = job.Training with { Trainer = Trainer.HuggingFace, TrainerVersion = release },
            Parallelism = job.Parallelism with { FsdpVersion = fsdp },
        }).Terms.Single(term => term.Kind == TermKind.Weights);
    }
}
