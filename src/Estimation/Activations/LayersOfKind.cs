namespace GpuMem.Estimation.Activations;

/// <summary>What each layer of one kind saves for backward on one rank, before and after recomputation has taken its part away.</summary>
internal readonly struct LayersOfKind
{
    public LayersOfKind(in RankContext rank, LayerKind kind)
    {
        (Whole, Conservative) = WholeLayer(rank, kind);
        var beyond = BeyondLayer(rank, kind);
        Whole += beyond;
        Conservative += beyond;

        // Programs not known to gather again in backward may keep the gathered inputs.
        if (rank.HiddenParts > 1 && rank.Training.Framework != TrainingFramework.Megatron && !rank.Code.KeepsGatheredInputs)
            Conservative += GatheredInputs(rank);
        Heaviest = LeftBy(rank, kind, Whole, ExpertActivations.Imbalance(rank.Model, rank.Job.Parallelism).Expected);
        Kept = Heaviest == Whole ? MeanOverBlocks(rank, MeanOverWindows(rank, kind, Whole)) : Heaviest;
    }

    /// <summary>Of one layer when nothing is recomputed; the heaviest, where some have a window.</summary>
    public TokenBytes Whole { get; }

    /// <summary>The same, where kernels, padding or the load of experts are not certain.</summary>
    public TokenBytes Conservative { get; }

    /// <summary>Of one layer after recomputation.</summary>
    public TokenBytes Heaviest { get; }

    /// <summary>The mean of all layers of the kind.</summary>
    public TokenBytes Kept { get; }

    /// <summary>Where the count of what is kept comes from.</summary>
    public static string KeptSource(in RankContext rank) => rank.Training.Recompute == Recompute.Full ? "inputs of layers only, arXiv 1604.06174" : Source(rank);

    /// <summary>Where the count of a whole layer comes from.</summary>
    public static string Source(in RankContext rank) => rank switch
    {
        { IsAdapted: true } => "what frozen layers keep for adapters; peft, arXiv 2106.09685",
        _ => KernelsOf(rank) switch
        {
            KernelFusion.Fused => "arXiv 2205.05198, section 4.1, for grouped queries, gated feed-forward and flash attention",
            KernelFusion.Eager => "huggingface/transformers modules, one tensor per step; arXiv 2205.05198, section 4.1",
            _ => "halfway between fused and eager kernels; arXiv 2205.05198, section 4.1",
        },
    };

    private static KernelFusion KernelsOf(in RankContext rank) =>
        rank.Training.FusedKernels is { } fused ? fused ? KernelFusion.Fused : KernelFusion.Eager : rank.Code.Kernels;

    /// <summary>Layers with a window may need a mask where the others need none.</summary>
    private static TokenBytes MeanOverWindows(in RankContext rank, LayerKind kind, TokenBytes windowed)
    {
        if (rank.Model.Window is not { } window || window.Layers == rank.Model.Layers || kind == LayerKind.StateSpace || !TransformersLayer.Knows(rank))
            return windowed;
        var less = windowed.Less(TransformersLayer.Of(rank, kind, windowed: false).Saved());
        return windowed.Less(new TokenBytes(0, new Ratio(rank.Model.Layers - window.Layers, rank.Model.Layers).Of(less.Local)));
    }

    /// <summary>Layers counted as if each had attention and a feed-forward, where a hybrid has fewer blocks or more: a recurrent mixer keeps about what attention does.</summary>
    private static TokenBytes MeanOverBlocks(in RankContext rank, TokenBytes layer) =>
        rank.Model.Parts is { HybridBlocks: > 0 } parts && new Ratio(parts.HybridBlocks, 2L * rank.Model.Layers) is var share ? new(share.Of(layer.Hidden), share.Of(layer.Local)) : layer;

    private static (TokenBytes Expected, TokenBytes Conservative) WholeLayer(in RankContext rank, LayerKind kind)
    {
        var (model, training, shape, compute) = (rank.Model, rank.Training, rank.Shape, rank.Recipe.Compute);
        var scores = kind == LayerKind.StateSpace ? 0 : LayerActivations.AttentionScores(rank.Model, training, shape, compute);
        var extra = new TokenBytes(rank.WideResidual && !rank.IsQuantised ? 4 * shape.Hidden : 0, scores);
        var (usual, worst) = ExpertActivations.Imbalance(model, rank.Job.Parallelism);
        if (TransformersLayer.Knows(rank))
            return Transformers(rank, kind, usual, worst);
        if (rank.IsAdapted)
            return (AdapterActivations.Of(rank, kind, usual) + extra, AdapterActivations.Of(rank, kind, worst) + extra);

        var kernels = KernelsOf(rank);
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
        if (TransformersLayer.MayKeepScores(rank))
            conservative = conservative with { Local = Math.Max(conservative.Local, new TransformersLayer(rank, kind, TransformersAttention.Open, worst).Saved().Local) };
        return (expected, conservative);
    }

    /// <summary>What the program's code keeps beside the tensors that backward needs.</summary>
    private static TokenBytes BeyondLayer(in RankContext rank, LayerKind kind)
    {
        checked
        {
            var (shape, compute) = (rank.Shape, rank.Recipe.Compute);
            var sum = default(TokenBytes);
            if (rank.HiddenParts > 1 && rank.Code.KeepsGatheredInputs)
                sum += GatheredInputs(rank);
            if (MegatronLayer.Knows(rank) && kind != LayerKind.StateSpace)
                sum += new TokenBytes(0, MegatronLayer.BesideAttention(rank));
            sum += MegatronCasts.Of(rank, kind);
            if (kind == LayerKind.Experts)
                sum += MegatronRouter.Beyond(rank) + MegatronRouter.SharedGate(rank);
            if (rank.Code.KeepsJointQueryKeyValue && !rank.IsAdapted)
                sum += new TokenBytes(0, compute * (shape.Query + (2 * shape.KeyValue)));
            if (rank.Code.KeepsGateActivation && rank.Model.GatedFeedForward)
                sum += new TokenBytes(0, compute * shape.FeedForward);
            return sum;
        }
    }

    /// <summary>The two inputs of column-parallel layers, whole, beside this rank's part of them.</summary>
    private static TokenBytes GatheredInputs(in RankContext rank)
    {
        var whole = checked(2L * rank.Recipe.Compute * rank.Shape.Hidden);
        return new TokenBytes(0, whole - (whole / rank.HiddenParts));
    }

    private static TokenBytes LeftBy(in RankContext rank, LayerKind kind, TokenBytes whole, Ratio imbalance)
    {
        var (training, shape, compute) = (rank.Training, rank.Shape, rank.Recipe.Compute);

        // A layer with a state has no pairs of positions to compute again.
        var scores = kind == LayerKind.StateSpace ? 0 : TransformersLayer.Knows(rank) && training.Attention == AttentionKernel.Eager
            ? TransformersLayer.Of(rank, kind).Scores
            : LayerActivations.AttentionScores(rank.Model, training, shape, compute);
        switch (training.Recompute)
        {
            case Recompute.Full:
                return checked(new TokenBytes((rank.WideResidual ? 4 : compute) * rank.Model.Streams * shape.Hidden, 0));

            // Megatron recomputes the attention core, which drops the score matrix, or the statistics of a kernel that never had one, and modules by name.
            case Recompute.Selective when training.Framework == TrainingFramework.Megatron:
                var core = training.RecomputeModules == RecomputeModules.None || training.RecomputeModules.HasFlag(RecomputeModules.AttentionCore);
                var left = core ? whole.Less(new TokenBytes(0, scores)) : whole;
                return rank.IsAdapted ? left : left.Less(Widen(RecomputedModules.Of(rank, kind, imbalance), compute));
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

    private static TokenBytes Widen(TokenBytes twoByteElements, int compute) =>
        checked(new(twoByteElements.Hidden / 2 * compute, twoByteElements.Local / 2 * compute));
}
