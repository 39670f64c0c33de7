using GpuMem.Estimation.Calibration;
using GpuMem.Estimation.Programs;
using GpuMem.Estimation.States;

namespace GpuMem.Estimation.Activations;

/// <summary>Activations of one rank: what is kept for backward, and what one layer needs while its backward runs.</summary>
internal struct ActivationMemory
{
    // The most that a layer saves and works on while it runs backward; its kind need not be the one that saves most.
    private Amount _inBackward;

    public ActivationMemory(in RankContext rank)
    {
        var (training, parallelism) = (rank.Training, rank.Job.Parallelism);
        HiddenParts = parallelism.SequenceParallel ? parallelism.Tensor : 1;
        Kernels = training.FusedKernels is { } fused ? fused ? KernelFusion.Fused : KernelFusion.Eager : rank.Code.Kernels;
        InFlight = rank.Stage.InFlight(parallelism, rank.Stage.Count > 1 ? rank.MicroBatches : 1);
        var (stored, largest) = (PositionBias(rank), default(Amount));
        for (var kind = LayerKind.Dense; kind <= LayerKind.StateSpace; kind++)
        {
            if (rank.Kinds[kind] > 0)
                stored += Include(rank, kind, ref largest);
        }

        if (MegatronLayer.Knows(rank) && rank is { Kinds.Experts: > 0, Training.Recompute: not Recompute.Full })
            ForwardSet = MegatronLayer.Forward(rank, LayerKind.Experts);
        if (rank.ComposesScan)
            ForwardSet = checked(RecurrentActivations.ComposedSets(rank.Model, rank.Shape).Forward * rank.Tokens);
        if (rank.HoldsCache)
            HeldCache = checked(CachedPerToken(rank) * (rank.Stage.Layers - rank.Kinds.StateSpace) * rank.Tokens);

        // Two layers' worth stay: the one in use, and the one on its way to or from the host.
        var two = largest + largest;
        Stored = training.Offload.Activations ? new Amount(Math.Min(stored.Expected, two.Expected), Math.Min(stored.Upper, two.Upper)) : stored;
        OffGpu = stored - Stored;
    }

    /// <summary>Adds all layers of one kind; the heaviest kind is the one that is recomputed at the peak.</summary>
    private Amount Include(in RankContext rank, LayerKind kind, ref Amount largest)
    {
        var training = rank.Training;
        var (perToken, conservative) = WholeLayer(rank, kind, Kernels);
        var beyond = BeyondLayer(rank);
        perToken += beyond;
        conservative += beyond;

        // Programs not known to gather again in backward may keep the gathered inputs.
        if (HiddenParts > 1 && training.Framework != TrainingFramework.Megatron && !rank.Code.KeepsGatheredInputs)
            conservative += GatheredInputs(rank);

        var layer = perToken.Of(rank.Tokens, HiddenParts);
        var oneLayer = new Amount(layer, Margins.OfActivations(training).Of(conservative.Of(rank.Tokens, HiddenParts)));
        var inBackward = oneLayer + Amount.Exactly(BeyondSaved(rank, kind));
        _inBackward = new Amount(Math.Max(_inBackward.Expected, inBackward.Expected), Math.Max(_inBackward.Upper, inBackward.Upper));

        var heaviest = Kept(rank, kind, perToken, ExpertActivations.Imbalance(rank.Model, rank.Job.Parallelism).Expected);
        var keptPerToken = heaviest == perToken ? MeanOverWindows(rank, kind, perToken) : heaviest;
        var kept = keptPerToken.Of(rank.Tokens, HiddenParts);
        var keptUpper = training.Recompute == Recompute.None ? oneLayer.Upper : Margins.OfActivations(training).Of(kept);
        if (layer >= OneLayer.Expected)
            (PerToken, KeptPerToken) = (perToken, keptPerToken);
        OneLayer = new Amount(Math.Max(OneLayer.Expected, layer), Math.Max(OneLayer.Upper, oneLayer.Upper));
        largest = new Amount(Math.Max(largest.Expected, heaviest.Of(rank.Tokens, HiddenParts)), Math.Max(largest.Upper, keptUpper));
        var copies = InFlight.Of(rank.Kinds[kind]);
        return new Amount(checked(kept * copies), Margins.OfPipeline(training.Framework, rank.Stage.Count).Of(checked(keptUpper * copies)));
    }

    /// <summary>While one layer runs backward, or forward once more; 0 where no code was read.</summary>
    private readonly long BeyondSaved(in RankContext rank, LayerKind kind)
    {
        if (TransformersLayer.Knows(rank))
            return TransformersLayer.Of(rank, kind).WorkingSet(rank.Tokens, HiddenParts);
        if (!MegatronLayer.Knows(rank))
            return 0;
        var again = rank.Training.Recompute == Recompute.Full ? MegatronLayer.Forward(rank, kind) : 0;
        return Math.Max(MegatronLayer.Backward(rank, kind), again);
    }

    public KernelFusion Kernels { get; }

    /// <summary>Of one layer, the heaviest, when nothing is recomputed.</summary>
    public TokenBytes PerToken { get; private set; }

    /// <summary>Of the same layer, after recomputation has taken its part away.</summary>
    public TokenBytes KeptPerToken { get; private set; }

    /// <summary>Micro-batches whose activations are alive at once; with interleaved chunks not a whole number.</summary>
    public Ratio InFlight { get; }

    public int HiddenParts { get; }

    /// <summary>Kept for backward by all layers and micro-batches in flight.</summary>
    public Amount Stored { get; }

    /// <summary>What waits for backward in host memory.</summary>
    public Amount OffGpu { get; }

    /// <summary>Everything one layer saves.</summary>
    public Amount OneLayer { get; private set; }

    /// <summary>Beyond <see cref="OneLayer"/> while that layer runs backward; 0 where no code was read.</summary>
    public readonly Amount WorkingSet =>
        new(Math.Max(0, _inBackward.Expected - OneLayer.Expected), Math.Max(0, _inBackward.Upper - OneLayer.Upper));

    /// <summary>Beyond what is saved while the last layer runs forward, where that can exceed the loss: a scan written out in PyTorch, or tokens between experts.</summary>
    public long ForwardSet { get; }

    /// <summary>Keys and values of all layers, in a cache that a loop holds with the other outputs.</summary>
    public long HeldCache { get; }

    private static long CachedPerToken(in RankContext rank) =>
        checked(rank.Recipe.Compute * (rank.Model.Latent is null ? 2 * rank.Shape.KeyValue : rank.Shape.Query + rank.Shape.AttentionOutput));

    /// <summary>Layers with a window may need a mask where the others need none.</summary>
    private static TokenBytes MeanOverWindows(in RankContext rank, LayerKind kind, TokenBytes windowed)
    {
        if (rank.Model.Window is not { } window || window.Layers == rank.Model.Layers || kind == LayerKind.StateSpace || !TransformersLayer.Knows(rank))
            return windowed;
        var less = windowed.Less(TransformersLayer.Of(rank, kind, windowed: false).Saved());
        return windowed.Less(new TokenBytes(0, new Ratio(rank.Model.Layers - window.Layers, rank.Model.Layers).Of(less.Local)));
    }

    private static (TokenBytes Expected, TokenBytes Conservative) WholeLayer(in RankContext rank, LayerKind kind, KernelFusion kernels)
    {
        var (model, training, shape, compute) = (rank.Model, rank.Training, rank.Shape, rank.Recipe.Compute);
        var scores = kind == LayerKind.StateSpace ? 0 : LayerActivations.AttentionScores(training, shape, compute);
        var extra = new TokenBytes(rank.WideResidual && !rank.IsQuantised ? 4 * shape.Hidden : 0, scores);
        var (usual, worst) = ExpertActivations.Imbalance(model, rank.Job.Parallelism);
        if (TransformersLayer.Knows(rank))
            return Transformers(rank, kind, usual, worst);
        if (rank.IsAdapted)
            return (AdapterActivations.Of(rank, kind, usual) + extra, AdapterActivations.Of(rank, kind, worst) + extra);

        var eager = Widen(LayerActivations.Eager(model, shape, kind, usual), compute) + extra;
        var eagerUpper = usual == worst ? eager : Widen(LayerActivations.Eager(model, shape, kind, worst), compute) + extra;
        if (kernels == KernelFusion.Eager)
            return (eager, eagerUpper);
        var fused = Widen(LayerActivations.Fused(model, shape, kind, usual, !rank.Code.WeighsInsideExperts), compute) + extra;
        var fusedUpper = usual == worst && !rank.Code.WeighsInsideExperts ? fused : Widen(LayerActivations.Fused(model, shape, kind, worst), compute) + extra;
        return kernels == KernelFusion.Fused ? (fused, fusedUpper) : (TokenBytes.Between(fused, eager), eagerUpper);
    }

    /// <summary>A micro-batch of several sequences of which nothing is said may hold padding.</summary>
    private static (TokenBytes Expected, TokenBytes Conservative) Transformers(in RankContext rank, LayerKind kind, Ratio usual, Ratio worst)
    {
        var expected = TransformersLayer.Of(rank, kind).Saved();
        var padded = rank.Training.Padding ?? rank.Training.MicroBatchSize > 1;
        var conservative = new TransformersLayer(rank, kind, TransformersLayer.AttentionOf(rank, rank.Model.Window is not null, padded), worst).Saved();
        return (expected, conservative);
    }

    /// <summary>What the program's code keeps beside the tensors that backward needs.</summary>
    private TokenBytes BeyondLayer(in RankContext rank)
    {
        checked
        {
            var (shape, compute) = (rank.Shape, rank.Recipe.Compute);
            var sum = default(TokenBytes);
            if (HiddenParts > 1 && rank.Code.KeepsGatheredInputs)
                sum += GatheredInputs(rank);
            // Transformer Engine 2.8 and later, attention/dot_product_attention/context_parallel.py: what attention returns before and after the exchange.
            if (MegatronLayer.Knows(rank) && rank.Job.Parallelism is { Context: > 1, ContextExchange: ContextExchange.Ulysses })
                sum += new TokenBytes(0, compute * shape.Query);
            if (rank.Code.KeepsJointQueryKeyValue && !rank.IsAdapted)
                sum += new TokenBytes(0, compute * (shape.Query + (2 * shape.KeyValue)));
            if (rank.Code.KeepsGateActivation && rank.Model.GatedFeedForward)
                sum += new TokenBytes(0, compute * shape.FeedForward);
            return sum;
        }
    }

    /// <summary>The two inputs of column-parallel layers, whole, beside this rank's part of them.</summary>
    private TokenBytes GatheredInputs(in RankContext rank)
    {
        var whole = checked(2L * rank.Recipe.Compute * rank.Shape.Hidden);
        return new TokenBytes(0, whole - (whole / HiddenParts));
    }

    private static TokenBytes Kept(in RankContext rank, LayerKind kind, TokenBytes whole, Ratio imbalance)
    {
        var (training, shape, compute) = (rank.Training, rank.Shape, rank.Recipe.Compute);
        var scores = TransformersLayer.Knows(rank) && training.Attention == AttentionKernel.Eager
            ? TransformersLayer.Of(rank, kind).Scores
            : LayerActivations.AttentionScores(training, shape, compute);
        switch (training.Recompute)
        {
            case Recompute.Full:
                return checked(new TokenBytes((rank.WideResidual ? 4 : compute) * shape.Hidden, 0));

            // Megatron recomputes the attention core, which drops the score matrix and nothing with a kernel that never had one, and modules by name.
            case Recompute.Selective when training.Framework == TrainingFramework.Megatron:
                var core = training.RecomputeModules == RecomputeModules.None || training.RecomputeModules.HasFlag(RecomputeModules.AttentionCore);
                var left = core && training.Attention == AttentionKernel.Eager ? whole with { Local = whole.Local - scores } : whole;
                return rank.IsAdapted ? left : left.Less(Widen(RecomputedModules.Of(training.RecomputeModules, rank.Model, shape, kind, imbalance, !rank.Code.WeighsInsideExperts), compute));
            case Recompute.Selective when training.Attention == AttentionKernel.Eager:
                return whole.Less(new TokenBytes(0, scores));

            // Without a compiler the casts and scaled products of 8-bit layers are none of the operators that the selection knows: all is kept.
            case Recompute.Selective when rank.Recipe.NarrowProducts && training.FusedKernels != true:
                return whole;
            case Recompute.Selective:
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
}
