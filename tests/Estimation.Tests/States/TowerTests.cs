using GpuMem.Estimation.Jobs;

namespace GpuMem.Estimation.Tests.States;

/// <summary>Towers for pictures and sound beside the language model that is trained.</summary>
public sealed class TowerTests
{
    private const long Parameters = 1_000_000_000;

    [Theory]
    [InlineData(TrainingMethod.Full)]
    [InlineData(TrainingMethod.LoRA)]
    [InlineData(TrainingMethod.QLoRA)]
    public void They_lie_in_memory_as_frozen_weights_do(TrainingMethod method)
    {
        var (without, with) = (Estimate(0, method), Estimate(Parameters, method));
        Assert.Equal(2 * Parameters, Weights(with) - Weights(without));
        Assert.Contains(with.Assumptions, assumption => assumption.Contains("expected to be frozen", StringComparison.Ordinal));
        Assert.DoesNotContain(without.Assumptions, assumption => assumption.Contains("towers", StringComparison.Ordinal));
    }

    [Fact]
    public void Trained_whole_they_would_have_gradients_and_states_which_the_upper_bound_holds()
    {
        var (without, with) = (Estimate(0, TrainingMethod.Full), Estimate(Parameters, TrainingMethod.Full));
        Assert.InRange(with.UpperBound.Value - without.UpperBound.Value, 16 * Parameters, 20 * Parameters);
        Assert.InRange(with.LowerBound.Value - without.LowerBound.Value, 2 * Parameters, 2 * Parameters);
    }

    private static long Weights(Estimate estimate) => estimate.Terms.Single(term => term.Kind == TermKind.Weights).Expected.Value;

    private static Estimate Estimate(long towers, TrainingMethod method) => MemoryEstimator.Estimate(new JobSpec
    {
        Model = Example.Llama8B with { VisionParameters = towers },
        Training = new TrainingSpec { Framework = TrainingFramework.HuggingFace, Method = method, SequenceLength = 1024, Recompute = Recompute.Full },
    });
}
