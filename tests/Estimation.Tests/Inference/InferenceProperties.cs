using FsCheck;
using FsCheck.Fluent;
using GpuMem.Estimation.Inference;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;
using QuantizationScheme = GpuMem.Estimation.Jobs.QuantizationScheme;

namespace GpuMem.Estimation.Tests.Inference;

public sealed class InferenceProperties
{
    [Fact]
    public void Bounds_are_ordered_and_terms_sum_to_them() => ForAll(spec =>
    {
        var estimate = InferenceEstimator.Estimate(spec);
        var expected = estimate.Terms.Aggregate(Bytes.Zero, (sum, term) => sum + term.Expected);
        var upper = estimate.Terms.Aggregate(Bytes.Zero, (sum, term) => sum + term.UpperBound);
        return expected == estimate.Expected && upper == estimate.UpperBound
            && estimate.LowerBound <= estimate.Allocated && estimate.Allocated <= estimate.Reserved && estimate.Reserved <= estimate.Expected
            && estimate.Expected <= estimate.UpperBound && estimate.AllocatedUpperBound <= estimate.ReservedUpperBound && estimate.ReservedUpperBound <= estimate.UpperBound
            && estimate.LowerBound <= estimate.Needed && estimate.Needed <= estimate.Expected
            && estimate.Terms.All(term => term.Expected <= term.UpperBound);
    });

    [Fact]
    public void A_longer_prompt_never_needs_less() => NeverLess(spec => spec with { PromptTokens = 2 * spec.PromptTokens });

    [Fact]
    public void More_generated_tokens_never_need_less() => NeverLess(spec => spec with { GeneratedTokens = spec.GeneratedTokens + 100 });

    [Fact]
    public void More_sequences_never_need_less() => NeverLess(spec => spec with { Sequences = spec.Sequences + 1 });

    [Fact]
    public void More_layers_never_need_less() => NeverLess(spec => spec with { Model = spec.Model with { Layers = spec.Model.Layers + spec.Pipeline } });

    [Fact]
    public void A_larger_vocabulary_never_needs_less() => NeverLess(spec => spec with { Model = spec.Model with { VocabularySize = 2 * spec.Model.VocabularySize } });

    [Fact]
    public void Quantising_never_needs_more() => ForAll(spec =>
        spec.Engine == InferenceEngine.LitGPT || Estimate(spec).Weights <= Estimate(spec with { Quantization = null, Weights = DataType.BF16 }).Weights);

    private static void NeverLess(Func<InferenceSpec, InferenceSpec> more) => ForAll(spec =>
    {
        var (before, after) = (InferenceEstimator.Estimate(spec), InferenceEstimator.Estimate(more(spec)));
        return after.Expected >= before.Expected && after.UpperBound >= before.UpperBound && after.LowerBound >= before.LowerBound;
    });

    private static (Bytes Weights, Bytes All) Estimate(InferenceSpec spec)
    {
        var estimate = InferenceEstimator.Estimate(spec);
        return (estimate.Size(TermKind.Weights), estimate.Expected);
    }

    private static void ForAll(Func<InferenceSpec, bool> property) => Check.One(Runs.TenThousand, Prop.ForAll(Specs.ToArbitrary(), property));

    private static Gen<InferenceSpec> Specs =>
        from model in Gen.Elements(ModelCatalogue.All.AsEnumerable())
        from scheme in Gen.Elements<QuantizationScheme?>([null, .. Enum.GetValues<QuantizationScheme>().Select(scheme => (QuantizationScheme?)scheme)])
        from weights in Gen.Elements(DataType.BF16, DataType.FP16)
        from cache in Gen.Elements(Enum.GetValues<DataType>())
        from engine in Gen.Elements(Enum.GetValues<InferenceEngine>())
        from sequences in Gen.Choose(1, 256)
        from prompt in Gen.Choose(1, 100_000)
        from generated in Gen.Choose(0, 10_000)
        from all in Gen.Elements(true, false)
        from tensor in Gen.Elements(1, 2, 4, 8)
        from pipeline in Gen.Elements(1, 1, 2, 3)
        select new InferenceSpec
        {
            Model = model,
            Weights = weights,
            Quantization = scheme is { } quantised ? new QuantizationSpec(quantised) : null,
            KeyValues = cache,
            Engine = engine,
            Sequences = sequences,
            PromptTokens = prompt,
            GeneratedTokens = generated,
            LogitsOfAllTokens = all,
            Tensor = tensor,
            Pipeline = pipeline,
        };
}
