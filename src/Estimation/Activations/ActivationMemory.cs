using GpuMem.Estimation.Arithmetic;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Ranks;
using GpuMem.Estimation.States;

namespace GpuMem.Estimation.Activations;

/// <summary>Activations of one rank: what is kept for backward, and what one layer needs while its backward runs.</summary>
internal readonly struct ActivationMemory
{
    public ActivationMemory(in RankContext rank)
    {
        var (training, parallelism) = (rank.Training, rank.Job.Parallelism);
        HiddenParts = parallelism.SequenceParallel ? parallelism.Tensor : 1;
        Kernels = KernelsOf(training);
        (PerToken, var conservative) = WholeLayer(rank, Kernels);
        if (parallelism.SequenceParallel && training.Framework != TrainingFramework.Megatron)
        {
            // Frameworks that do not gather again in backward keep the gathered inputs (nanotron tp_recompute_allgather).
            conservative += new TokenBytes(0, 2 * rank.Recipe.Compute * rank.Shape.Hidden);
        }

        var layer = PerToken.Of(rank.Tokens, HiddenParts);
        OneLayer = new Amount(layer, Margin(training).Of(conservative.Of(rank.Tokens, HiddenParts)));

        KeptPerToken = Kept(rank, PerToken);
        var kept = KeptPerToken.Of(rank.Tokens, HiddenParts);
        var keptUpper = training.Recompute == Recompute.None ? OneLayer.Upper : Margin(training).Of(kept);
        Copies = checked(rank.Stage.Layers * rank.Stage.InFlight(rank.Stage.Count > 1 ? rank.MicroBatches : 1));
        Stored = new Amount(checked(kept * Copies), PipelineMargin(rank).Of(checked(keptUpper * Copies)));
    }

    public KernelFusion Kernels { get; }

    /// <summary>Of one layer when nothing is recomputed.</summary>
    public TokenBytes PerToken { get; }

    /// <summary>Of one layer, after recomputation has taken its part away.</summary>
    public TokenBytes KeptPerToken { get; }

    public int HiddenParts { get; }

    /// <summary>Layers of the stage times micro-batches in flight.</summary>
    public long Copies { get; }

    /// <summary>Kept for backward by all layers and micro-batches in flight.</summary>
    public Amount Stored { get; }

    /// <summary>Everything one layer saves.</summary>
    public Amount OneLayer { get; }

    private static (TokenBytes Expected, TokenBytes Conservative) WholeLayer(in RankContext rank, KernelFusion kernels)
    {
        var (model, training, shape, compute) = (rank.Model, rank.Training, rank.Shape, rank.Recipe.Compute);
        var extra = new TokenBytes(rank.WideResidual ? 4 * shape.Hidden : 0, LayerActivations.AttentionScores(training, shape, compute));
        if (rank.IsAdapted)
        {
            var inputs = Adapters.KeptInputs(shape, rank.Targets, castPerModule: rank.Recipe.Weight > compute);
            var adapted = Widen(LayerActivations.Frozen(model, shape), compute)
                + checked(new TokenBytes(rank.Recipe.Weight * inputs.Hidden, rank.Recipe.Weight * inputs.Local)) + extra;
            return (adapted, adapted);
        }

        var fused = Widen(LayerActivations.Fused(model, shape), compute) + extra;
        var eager = Widen(LayerActivations.Eager(model, shape), compute) + extra;
        return kernels switch
        {
            KernelFusion.Fused => (fused, fused),
            KernelFusion.Eager => (eager, eager),
            _ => (TokenBytes.Between(fused, eager), eager),
        };
    }

    private static TokenBytes Kept(in RankContext rank, TokenBytes whole)
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
                var selected = Widen(LayerActivations.SelectedOperators(shape), compute) + new TokenBytes(0, scores);
                return new TokenBytes(Math.Min(selected.Hidden, whole.Hidden), Math.Min(selected.Local, whole.Local));
            default:
                return whole;
        }
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
