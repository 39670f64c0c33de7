using GpuMem.Estimation.Activations;
using GpuMem.Estimation.Buffers;
using GpuMem.Estimation.Calibration;
using GpuMem.Estimation.States;

namespace GpuMem.Estimation.Explanations;

/// <summary>The terms of a training step: of the most loaded stage, in the phase in which it peaks.</summary>
internal sealed class TrainingTerms(JobSpec job, int stage, Phase phase, long unexplained) : TermList(unexplained)
{
    public override Explanation Explain(TermKind kind) => Explain(kind, new RankContext(job, stage));

    protected override TermAmounts Amounts()
    {
        var rank = new RankContext(job, stage);
        _ = new RankMemory(rank).In(phase, out var terms);
        return terms;
    }

    private Explanation Explain(TermKind kind, in RankContext rank) => kind switch
    {
        TermKind.Weights => ModelStates.WeightsOf(rank).Explain(),
        TermKind.MasterWeights => ModelStates.MasterOf(rank).Explain(),
        TermKind.Gradients => Gradients(rank),
        TermKind.OptimizerStates => ModelStates.OptimizerOf(rank).Explain(),
        TermKind.Adapters => ModelStates.AdaptersOf(rank).Explain(),
        TermKind.MovingAverage => ModelStates.MovingAverageOf(rank).Explain(),
        TermKind.ReferenceModel => ModelStates.ReferenceOf(rank).Explain(),
        TermKind.GatheredParameters => BufferExplanations.Gathered(rank, phase),
        TermKind.Activations => ActivationExplanations.Stored(rank, phase),
        TermKind.Recomputation => ActivationExplanations.OneLayer(rank),
        TermKind.Logits => new RankMemory(rank).Logits(phase).Explain(),
        TermKind.CommunicationBuffers => BufferExplanations.Communication(rank),
        TermKind.OptimizerTemporaries => BufferExplanations.Temporaries(rank),
        TermKind.Fragmentation => Fragmentation(
            "slack % × allocated; the upper bound also covers other phases and unknown dimensions", AllocatorSlack.Of(rank.Job)),
        TermKind.CudaContext => CudaContext(),
        _ => Nccl(rank),
    };

    private Explanation Gradients(in RankContext rank)
    {
        if (phase == Phase.BackwardStart && rank is { PersistentGradients: false, IsFullySharded: false })
            return new Formula("β · V · h: the output matrix comes first", rank.Recipe.SourceText, new(rank.Recipe.Gradient, rank.Shape.Vocabulary, rank.Shape.Hidden)).Explain();
        var words = ModelStates.GradientsOf(rank).Explain();
        return phase is Phase.Loss or Phase.BackwardStart && !rank.PersistentGradients
            ? words with { Source = "freed, but kept by the caching allocator on the stream of the reduce-scatter; pytorch/torchtitan, reserved against active memory" }
            : words;
    }

    public static Explanation CudaContext() => new(
        "context + libraries",
        $"{Text.GiB(ProcessOverhead.CudaContext.Expected)}, at most {Text.GiB(ProcessOverhead.CudaContext.Upper)}",
        "pytorch PR 86509 (lazy module loading), PR 120925 (cuBLAS workspaces)");

    public static Explanation Fragmentation(string formula, AllocatorSlack slack) => new(
        formula,
        $"{slack.Expected} % expected, {slack.Upper} % at most",
        "reserved over allocated memory of published runs (docs/estimation.md, allocator)");

    private static Explanation Nccl(in RankContext rank)
    {
        var count = ProcessOverhead.Communicators(rank.Job.Parallelism);
        return new(
            "communicators × buffer",
            $"{count} × {Text.GiB(ProcessOverhead.Nccl(rank.Job.Parallelism).Expected / Math.Max(count, 1))}",
            "NVIDIA/nccl issues 864 and 964");
    }
}
