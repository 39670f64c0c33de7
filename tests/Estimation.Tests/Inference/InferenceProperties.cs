using FsCheck.Fluent;
using FsCheck.Xunit;
using FsCheck;
using GpuMem.Catalogues.Models;
using GpuMem.Serving;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;

namespace GpuMem.Estimation.Tests.Inference;

[Properties(MaxTest = 10_000, Arbitrary = [typeof(SoundSpecs)])]
[Trait("Fault", "C42")]
public sealed class InferenceProperties
{
    [Property]
    public bool Bounds_are_ordered_and_terms_sum_to_them(InferenceSpec spec)
    {
        var estimate = InferenceEstimator.Estimate(spec);
        var expected = estimate.Terms.Aggregate(Bytes.Zero, (sum, term) => sum + term.Expected);
        var upper = estimate.Terms.Aggregate(Bytes.Zero, (sum, term) => sum + term.UpperBound);
        return estimate.LowerBound <= estimate.Expected && estimate.Expected <= estimate.UpperBound
            && estimate.Allocated <= estimate.Reserved && estimate.Reserved <= estimate.Expected
            && estimate.Needed <= estimate.Expected && estimate.Allocated <= estimate.AllocatedUpperBound && estimate.Reserved <= estimate.ReservedUpperBound
            && expected == estimate.Expected && upper == estimate.UpperBound;
    }

    [Property]
    public bool No_stage_of_a_pipeline_holds_more_than_the_estimate_says(InferenceSpec spec)
    {
        var whole = InferenceEstimator.Estimate(spec);
        return Enumerable.Range(0, Math.Min(spec.Pipeline, 64)).Select(stage => InferenceEstimator.Estimate(spec, stage))
            .All(stage => stage.Expected <= whole.Expected && stage.UpperBound <= whole.UpperBound && stage.Needed <= whole.Needed);
    }

    [Property]
    public bool More_context_never_needs_less(InferenceSpec spec) => NeverLess(spec, spec with { InputLength = spec.InputLength + 777 });

    [Property]
    public bool More_output_never_needs_less(InferenceSpec spec) => NeverLess(spec, spec with { OutputLength = (2 * spec.OutputLength) + 1 });

    [Property]
    public bool More_sequences_never_need_less(InferenceSpec spec) => NeverLess(spec, spec with { Batch = spec.Batch + 1 });

    [Property]
    public bool More_parameters_never_need_less(InferenceSpec spec) => NeverLess(spec, spec with
    {
        Model = spec.Model with { FeedForwardSize = 2 * spec.Model.FeedForwardSize, VocabularySize = 2 * spec.Model.VocabularySize },
    });

    /// <summary>Where vLLM fills up groups of layers, one more may leave fewer places empty: ten beside 52 take six groups of ten, eleven take five of eleven.</summary>
    [Property]
    public bool More_layers_never_need_less(InferenceSpec spec) => NeverLess(
        spec with { HybridCache = false }, spec with { HybridCache = false, Model = spec.Model with { Layers = spec.Model.Layers + spec.Pipeline } });

    [Property]
    public bool A_larger_GPU_never_holds_less(InferenceSpec spec)
    {
        var (small, large) = (InferenceEstimator.Capacity(spec, Bytes.FromGiB(80)), InferenceEstimator.Capacity(spec, Bytes.FromGiB(141)));
        return large.Cache >= small.Cache && large.Tokens >= small.Tokens && large.Sequences >= small.Sequences && large.MaxContext >= small.MaxContext
            && (large.Fits || !small.Fits);
    }

    [Property(Arbitrary = [typeof(WildSpecs)])]
    public bool Any_numbers_give_an_estimate_or_problems_and_nothing_else(InferenceSpec spec)
    {
        try
        {
            _ = InferenceEstimator.Capacity(spec, Bytes.FromGiB(80));
            return InferenceEstimator.Estimate(spec).Expected.Value >= 0;
        }
        catch (InvalidJobException problem)
        {
            return problem.Problems.Count > 0;
        }
    }

    private static bool NeverLess(InferenceSpec spec, InferenceSpec larger)
    {
        if (InferenceEstimator.Validate(larger).Count > 0)
            return true;
        var (before, after) = (InferenceEstimator.Estimate(spec), InferenceEstimator.Estimate(larger));
        return after.Expected >= before.Expected && after.UpperBound >= before.UpperBound && after.LowerBound >= before.LowerBound;
    }

    private static Gen<long> WildNumber =>
        Gen.OneOf(Gen.Choose(1, 10_000).Select(n => (long)n), Gen.Elements(0L, -1L, 1L << 20, 1L << 40, long.MaxValue, long.MinValue, 100_000_000L, 65_536L));

    private static Gen<int> WildDegree => Gen.OneOf(Gen.Elements(1, 1, 2, 4, 8), Gen.Elements(0, -1, int.MaxValue, int.MinValue, 1_000_000));

    private static Gen<InferenceSpec> Specs(Gen<long> number, Gen<int> degree) =>
        from model in Gen.Elements(JobGenerator.ByDimensions.Append(KeyValueCacheTests.Mamba2(64)).ToArray())
        from engine in Gen.Elements(Enum.GetValues<InferenceEngine>())
        from version in Gen.Elements(null, "0.6", "0.11.2", "0.20", "0.28.0")
        from weights in Gen.Elements(Enum.GetValues<DataType>())
        from scheme in Gen.Elements(Enum.GetValues<QuantizationScheme>())
        from quantised in Gen.Elements(true, false)
        from groupSize in Gen.Elements<int?>(null, 32, 64, 128)
        from cache in Gen.Elements(Enum.GetValues<KeyValueCacheType>())
        from batch in Gen.Choose(1, 64)
        from input in number
        from output in number
        from batched in number
        from logits in Gen.Elements(Enum.GetValues<PrefillLogits>())
        from tensor in degree
        from pipeline in degree
        from flags in Gen.Choose(0, 7)
        select new InferenceSpec
        {
            Model = model,
            Engine = engine,
            EngineVersion = version,
            Weights = weights,
            Quantization = quantised ? new QuantizationSpec(scheme, groupSize) : null,
            KvCacheDtype = cache,
            Batch = batch,
            InputLength = input,
            OutputLength = output,
            MaxBatchedTokens = batched,
            Logits = logits,
            Tensor = tensor,
            Pipeline = pipeline,
            GrowingCache = (flags & 1) != 0 ? null : (flags & 2) != 0,
            LoraSlots = (flags & 4) != 0 ? 2 : 0,
        };

    private static class SoundSpecs
    {
        public static Arbitrary<InferenceSpec> Specs => InferenceProperties.Specs(Gen.Choose(1, 40_000).Select(n => (long)n), Gen.Elements(1, 2, 4, 8))
            .Where(spec => InferenceEstimator.Validate(spec).Count == 0)
            .ToArbitrary();
    }

    private static class WildSpecs
    {
        public static Arbitrary<InferenceSpec> Specs => InferenceProperties.Specs(WildNumber, WildDegree).ToArbitrary();
    }
}
