using GpuMem.Estimation.Jobs;

namespace GpuMem.Estimation.Tests.States;

/// <summary>bitsandbytes quantises linear layers, which the experts of transformers 5 are not (axolotl docs/expert_quantization.qmd).</summary>
public sealed class UnquantisedExpertsTests
{
    // The experts of Mixtral 8x7B: 32 layers of 8, 3 matrices of 4,096 × 14,336, in 16 bits less what doubly quantised NF4 takes.
    private const decimal More = 32m * 8 * 3 * 4096 * 14_336 * (2 - (2113m / 4096));

    /// <summary>No job is rejected for what its program may do otherwise.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData("5.0.0")]
    public void They_are_expected_to_be_quantised_and_the_upper_bound_has_them_in_16_bits(string? release)
    {
        var (weights, before) = (Weights(release), Weights("4.57.0"));
        Assert.Equal(before.Expected, weights.Expected);
        Assert.Equal(More, weights.UpperBound.Value - before.UpperBound.Value);
        Assert.Contains(Estimate(release).Assumptions, said => said.StartsWith("Experts are expected to be quantised", StringComparison.Ordinal));
    }

    [Fact]
    public void Before_transformers_5_each_expert_is_a_module_and_quantised() =>
        Assert.DoesNotContain(Estimate("4.57.0").Assumptions, said => said.StartsWith("Experts", StringComparison.Ordinal));

    [Theory]
    [InlineData(QuantizationScheme.GPTQ4)]
    [InlineData(QuantizationScheme.AWQ4)]
    public void A_checkpoint_that_is_quantised_has_its_experts_so(QuantizationScheme scheme) =>
        Assert.Equal(Weights("4.57.0", scheme: scheme).UpperBound, Weights(null, scheme: scheme).UpperBound);

    [Fact]
    public void A_model_without_experts_is_as_before() => Assert.DoesNotContain(Estimate(null, "meta-llama/Llama-3.1-8B").Assumptions, said => said.StartsWith("Experts", StringComparison.Ordinal));

    private static Term Weights(string? release, string model = "mistralai/Mixtral-8x7B-v0.1", QuantizationScheme? scheme = null) =>
        Estimate(release, model, scheme).Terms.Single(term => term.Kind == TermKind.Weights);

    private static Estimate Estimate(string? release, string model = "mistralai/Mixtral-8x7B-v0.1", QuantizationScheme? scheme = null)
    {
        var job = Example.Job(Example.Model(model), TrainingFramework.HuggingFace, sharding: Sharding.None, sequenceLength: 512);
        return MemoryEstimator.Estimate(job with
        {
            Training = job.Training with
            {
                Trainer = Trainer.HuggingFace, TrainerVersion = release, Method = TrainingMethod.QLoRA, Quantization = scheme is { } said ? new QuantizationSpec(said) : null,
            },
        });
    }
}
