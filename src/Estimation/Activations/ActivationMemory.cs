using GpuMem.Estimation.Arithmetic;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Ranks;
using GpuMem.Estimation.States;

namespace GpuMem.Estimation.Activations;

/// <summary>Activations of one rank: what is kept for backward, and what one layer needs while its backward runs.</summary>
internal struct ActivationMemory
{
    public ActivationMemory(in RankContext rank)
    {
        var (training, parallelism) = (rank.Training, rank.Job.Parallelism);
        HiddenParts = parallelism.SequenceParallel ? parallelism.Tensor : 1;
        Kernels = KernelsOf(training);
        InFlight = rank.Stage.InFlight(rank.Stage.Count > 1 ? rank.MicroBatches : 1);
        Copies = checked(rank.Stage.Layers * InFlight);
        var stored = PositionBias(rank);
        for (var kind = LayerKind.Dense; kind <= LayerKind.StateSpace; kind++)
        {
            if (rank.Kinds[kind] > 0)
                stored += Include(rank, kind);
        }

        Stored = stored;
    }

    /// <summary>Adds all layers of one kind; the heaviest kind is the one that is recomputed at the peak.</summary>
    private Amount Include(in RankContext rank, LayerKind kind)
    {
        var training = rank.Training;
        var (perToken, conservative) = WholeLayer(rank, kind, Kernels);
        if (HiddenParts > 1 && training.Framework != TrainingFramework.Megatron)
        {
            // Frameworks that do not gather again in backward keep the gathered inputs (nanotron tp_recompute_allgather).
            conservative += new TokenBytes(0, 2 * rank.Recipe.Compute * rank.Shape.Hidden);
        }

        var layer = perToken.Of(rank.Tokens, HiddenParts);
        var oneLayer = new Amount(layer, Margin(training).Of(conservative.Of(rank.Tokens, HiddenParts)));
        var keptPerToken = Kept(rank, kind, perToken);
        var kept = keptPerToken.Of(rank.Tokens, HiddenParts);
        var keptUpper = training.Recompute == Recompute.None ? oneLayer.Upper : Margin(training).Of(kept);
        if (layer >= OneLayer.Expected)
            (PerToken, KeptPerToken) = (perToken, keptPerToken);
        OneLayer = new Amount(Math.Max(OneLayer.Expected, layer), Math.Max(OneLayer.Upper, oneLayer.Upper));
        var copies = checked(rank.Kinds[kind] * InFlight);
        return new Amount(checked(kept * copies), PipelineMargin(rank).Of(checked(keptUpper * copies)));
    }

    public KernelFusion Kernels { get; }

    /// <summary>Of one layer, the heaviest, when nothing is recomputed.</summary>
    public TokenBytes PerToken { get; private set; }

    /// <summary>Of the same layer, after recomputation has taken its part away.</summary>
    public TokenBytes KeptPerToken { get; private set; }

    /// <summary>Micro-batches whose activations are alive at once.</summary>
    public long InFlight { get; }

    public int HiddenParts { get; }

    /// <summary>Layers of the stage times micro-batches in flight.</summary>
    public long Copies { get; }

    /// <summary>Kept for backward by all layers and micro-batches in flight.</summary>
    public Amount Stored { get; }

    /// <summary>Everything one layer saves.</summary>
    public Amount OneLayer { get; private set; }

    private static (TokenBytes Expected, TokenBytes Conservative) WholeLayer(in RankContext rank, LayerKind kind, KernelFusion kernels)
    {
        var (model, training, shape, compute) = (rank.Model, rank.Training, rank.Shape, rank.Recipe.Compute);
        var scores = kind == LayerKind.StateSpace ? 0 : LayerActivations.AttentionScores(training, shape, compute);
        var extra = new TokenBytes(rank.WideResidual ? 4 * shape.Hidden : 0, scores);
        var (usual, worst) = ExpertActivations.Imbalance(model, rank.Experts.Parallel);
        if (rank.IsAdapted)
        {
            var inputs = Adapters.KeptInputs(shape, rank.Targets, FeedForwardWidth(rank, kind), castPerModule: rank.Recipe.Weight > compute);
            var kept = checked(new TokenBytes(rank.Recipe.Weight * inputs.Hidden, rank.Recipe.Weight * inputs.Local)) + extra;
            return (Widen(LayerActivations.Frozen(model, shape, kind, usual), compute) + kept, Widen(LayerActivations.Frozen(model, shape, kind, worst), compute) + kept);
        }

        var eager = Widen(LayerActivations.Eager(model, shape, kind, usual), compute) + extra;
        var eagerUpper = usual == worst ? eager : Widen(LayerActivations.Eager(model, shape, kind, worst), compute) + extra;
        if (kernels == KernelFusion.Eager)
            return (eager, eagerUpper);
        var fused = Widen(LayerActivations.Fused(model, shape, kind, usual), compute) + extra;
        var fusedUpper = usual == worst ? fused : Widen(LayerActivations.Fused(model, shape, kind, worst), compute) + extra;
        return kernels == KernelFusion.Fused ? (fused, fusedUpper) : (TokenBytes.Between(fused, eager), eagerUpper);
    }

    private static long FeedForwardWidth(in RankContext rank, LayerKind kind) => kind == LayerKind.Experts
        ? checked((rank.Model.Experts!.ActivePerToken * rank.Shape.ExpertSize) + rank.Shape.SharedSize)
        : rank.Shape.FeedForward;

    private static TokenBytes Kept(in RankContext rank, LayerKind kind, TokenBytes whole)
    {
        var (training, shape, compute) = (rank.Training, rank.Shape, rank.Recipe.Compute);
        var scores = LayerActivations.AttentionScores(training, shape, compute);
        switch (training.Recompute)
        {
            case Recompute.Full:
                return checked(new TokenBytes((rank.WideResidual ? 4 : compute) * shape.Hidden, 0));

            // Megatron recomputes the attention core only: that drops the score matrix, and nothing with a kernel that never had one.
            case Recompute.Selective when training.Attention == AttentionKernel.Eager:
                return whole with { Local = whole.Local - scores };
            case Recompute.Selective when training.Framework != TrainingFramework.Megatron:
                var selected = Widen(LayerActivations.SelectedOperators(rank.Model, shape, kind), compute) + new TokenBytes(0, scores);
                return new TokenBytes(Math.Min(selected.Hidden, whole.Hidden), Math.Min(selected.Local, whole.Local));
            default:
                return whole;
        }
    }

    /// <summary>Relative positions are a matrix per head over all pairs of tokens, which no fused kernel makes on the fly (T5); layers of a stack share it.</summary>
    private static Amount PositionBias(in RankContext rank)
    {
        if (rank.Model.RelativePositionBuckets == 0)
            return default;
        var training = rank.Training;
        var stacks = (rank.Kinds.Encoder > 0 ? 1 : 0) + (rank.Kinds.Dense > 0 ? 1 : 0);
        return Amount.Exactly(checked(stacks * rank.Recipe.Compute * rank.Shape.Heads * training.SequenceLength * Ratio.DivideUp(training.SequenceLength, rank.Job.Parallelism.Context)));
    }

    private static TokenBytes Widen(TokenBytes twoByteElements, int compute) =>
        checked(new(twoByteElements.Hidden / 2 * compute, twoByteElements.Local / 2 * compute));

    private static KernelFusion KernelsOf(TrainingSpec training) => training switch
    {
        { FusedKernels: { } fused } => fused ? KernelFusion.Fused : KernelFusion.Eager,
        { Framework: TrainingFramework.Megatron } => KernelFusion.Fused,
        { Framework: TrainingFramework.PyTorchFSDP } => KernelFusion.Unknown,
        _ => KernelFusion.Eager,
    };

    /// <summary>How far measured runs exceeded the formulas (docs/estimation.md, uncertainty).</summary>
    private static Ratio Margin(TrainingSpec training) => training switch
    {
        { Method: TrainingMethod.QLoRA, Recompute: Recompute.None } => new(150, 100),
        { Method: TrainingMethod.LoRA, Recompute: Recompute.None } => new(130, 100),
        { Framework: TrainingFramework.Megatron } or { FusedKernels: true } => new(110, 100),
        _ => new(115, 100),
    };

    /// <summary>Stages outside Megatron were seen to hold more than their schedule says.</summary>
    private static Ratio PipelineMargin(in RankContext rank) => rank.Stage.Count == 1
        ? Ratio.Whole(1)
        : rank.Training.Framework == TrainingFramework.Megatron ? new(105, 100) : new(135, 100);
}

/// <summary>Whether the kernels of a layer are fused.</summary>
internal enum KernelFusion
{
    Fused,
    Eager,

    /// <summary>Not said and not implied by the framework: halfway is expected, eager is the upper bound.</summary>
    Unknown,
}
