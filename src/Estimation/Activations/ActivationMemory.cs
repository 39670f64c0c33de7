namespace GpuMem.Estimation.Activations;

/// <summary>Activations of one rank: what is kept for backward, and what one layer needs while its backward runs.</summary>
internal struct ActivationMemory
{
    // The most that a layer saves and works on while it runs backward; its kind need not be the one that saves most.
    private Amount _inBackward;

    public ActivationMemory(in RankContext rank)
    {
        InFlight = rank.Stage.InFlight(rank.Job.Parallelism, rank.Stage.Count > 1 ? rank.MicroBatches : 1);
        var (stored, largest) = (Amount.Exactly(PositionBias(rank).Whole) + Amount.Exactly(Predictions(rank).Whole), default(Amount));
        for (var kind = LayerKind.Dense; kind <= LayerKind.StateSpace; kind++)
        {
            if (rank.Kinds[kind] > 0)
                stored += Include(rank, kind, ref largest);
        }

        if (MegatronLayer.Knows(rank) && rank.Training.Recompute != Recompute.Full)
            ForwardSet = rank.Kinds.Experts > 0 ? MegatronLayer.Forward(rank, LayerKind.Experts) : MegatronLayer.Ring(rank, LayerKind.Dense);
        if (rank.ComposesScan)
            ForwardSet = checked(RecurrentActivations.ComposedSets(rank.Model, rank.Shape).Forward * rank.Tokens);
        if (rank.HoldsCache)
            HeldCache = checked(CachedPerToken(rank) * (rank.Stage.Layers - rank.Kinds.StateSpace) * rank.Tokens);

        // Two layers' worth stay: the one in use, and the one on its way to or from the host.
        var two = largest + largest;
        Stored = rank.Training.Offload.Activations ? new Amount(Math.Min(stored.Expected, two.Expected), Math.Min(stored.Upper, two.Upper)) : stored;
        OffGpu = stored - Stored;
    }

    /// <summary>Adds all layers of one kind; the heaviest kind is the one that is recomputed at the peak.</summary>
    private Amount Include(in RankContext rank, LayerKind kind, ref Amount largest)
    {
        var (training, layers) = (rank.Training, new LayersOfKind(rank, kind));
        var layer = layers.Whole.Of(rank);
        var oneLayer = new Amount(layer, Margins.OfActivations(training).Of(layers.Conservative.Of(rank)));
        var inBackward = oneLayer + Amount.Exactly(BeyondSaved(rank, kind));
        _inBackward = new Amount(Math.Max(_inBackward.Expected, inBackward.Expected), Math.Max(_inBackward.Upper, inBackward.Upper));

        var kept = layers.Kept.Of(rank);
        var keptUpper = training.Recompute == Recompute.None ? oneLayer.Upper : Margins.OfActivations(training).Of(kept);

        // Backward begins with the last layer. Megatron's keeps its part of what comes again; a last layer that is not computed again keeps all.
        var again = !MegatronLayer.Knows(rank) ? oneLayer : rank.Recomputed == rank.Kinds ? oneLayer - new Amount(kept, keptUpper) : default;
        Again = new Amount(Math.Max(Again.Expected, again.Expected), Math.Max(Again.Upper, again.Upper));
        if (layer >= OneLayer.Expected)
            PerToken = layers.Whole;
        OneLayer = new Amount(Math.Max(OneLayer.Expected, layer), Math.Max(OneLayer.Upper, oneLayer.Upper));
        largest = new Amount(Math.Max(largest.Expected, layers.Heaviest.Of(rank)), Math.Max(largest.Upper, keptUpper));
        var (copies, whole) = (InFlight.Of(rank.Recomputed[kind]), InFlight.Of(rank.Kinds[kind] - rank.Recomputed[kind]));
        return new Amount(
            checked((kept * copies) + (layer * whole)),
            Margins.OfPipeline(training.Framework, rank.Stage.Count).Of(checked((keptUpper * copies) + (oneLayer.Upper * whole))));
    }

    /// <summary>While one layer runs backward, or forward once more; 0 where no code was read.</summary>
    private static long BeyondSaved(in RankContext rank, LayerKind kind)
    {
        if (TransformersLayer.Knows(rank))
            return TransformersLayer.Of(rank, kind).WorkingSet();
        if (!MegatronLayer.Knows(rank))
            return 0;
        var again = rank.Training.Recompute == Recompute.Full ? Math.Max(MegatronLayer.Forward(rank, kind), MegatronLayer.Ring(rank, kind)) : 0;
        return Math.Max(MegatronLayer.Backward(rank, kind), again);
    }

    /// <summary>How <see cref="Stored"/> comes about, kind by kind.</summary>
    public readonly Explanation ExplainStored(in RankContext rank)
    {
        if (OffGpu.Expected > 0)
            return new Formula("what two layers keep; the rest waits on the host", LayersOfKind.KeptSource(rank), new(1, Stored.Expected)).Explain();
        var words = PositionBias(rank).Explain() + Predictions(rank).Explain();
        var symbols = rank.Training.Recompute == Recompute.Full ? "β · h · T · layers in flight" : "c · T · layers in flight";
        for (var kind = LayerKind.Dense; kind <= LayerKind.StateSpace; kind++)
        {
            if (rank.Kinds[kind] == 0)
                continue;
            var (layers, whole) = (new LayersOfKind(rank, kind), rank.Kinds[kind] - rank.Recomputed[kind]);
            words += new Formula(symbols, LayersOfKind.KeptSource(rank), new(layers.Kept.PerToken(rank), rank.Tokens, InFlight.Of(rank.Recomputed[kind]))).Explain();
            words += new Formula("c · T · layers that are not recomputed", LayersOfKind.Source(rank), new(layers.Whole.PerToken(rank), rank.Tokens, InFlight.Of(whole))).Explain();
        }
        return words;
    }

    /// <summary>How <see cref="OneLayer"/> and <see cref="WorkingSet"/> come about.</summary>
    public readonly Explanation ExplainOneLayer(in RankContext rank) =>
        new Formula("c · T", LayersOfKind.Source(rank), new(PerToken.PerToken(rank), rank.Tokens)).Explain() + ExplainWorkingSet();

    /// <summary>How <see cref="Again"/> and <see cref="WorkingSet"/> come about.</summary>
    public readonly Explanation ExplainAgain(in RankContext rank) => !MegatronLayer.Knows(rank) ? ExplainOneLayer(rank)
        : new Formula("c · T less what is kept of it", LayersOfKind.Source(rank), new(1, Again.Expected)).Explain() + ExplainWorkingSet();

    public readonly Explanation ExplainForwardSet() => new Formula("inside the last layer's forward", "docs/estimation.md, activations", new(1, ForwardSet)).Explain();

    public readonly Explanation ExplainWorkingSet() => new Formula("gradients inside the layer", "hack/oracle.sh; docs/estimation.md, activations", new(1, WorkingSet.Expected)).Explain();

    /// <summary>Of one layer, the heaviest, when nothing is recomputed.</summary>
    public TokenBytes PerToken { get; private set; }

    /// <summary>Micro-batches whose activations are alive at once; with interleaved chunks not a whole number.</summary>
    public Ratio InFlight { get; }

    /// <summary>Kept for backward by all layers and micro-batches in flight.</summary>
    public Amount Stored { get; }

    /// <summary>What waits for backward in host memory.</summary>
    public Amount OffGpu { get; }

    /// <summary>Everything one layer saves.</summary>
    public Amount OneLayer { get; private set; }

    /// <summary>What recomputation adds to <see cref="Stored"/> when backward begins.</summary>
    public Amount Again { get; private set; }

    /// <summary>Beyond <see cref="OneLayer"/> while that layer runs backward; 0 where no code was read.</summary>
    public readonly Amount WorkingSet =>
        new(Math.Max(0, _inBackward.Expected - OneLayer.Expected), Math.Max(0, _inBackward.Upper - OneLayer.Upper));

    /// <summary>Beyond what is saved while the last layer runs forward, where that can exceed the loss: a scan written out in PyTorch, or tokens between experts.</summary>
    public long ForwardSet { get; }

    /// <summary>Keys and values of all layers, in a cache that a loop holds with the other outputs.</summary>
    public long HeldCache { get; }

    /// <summary>
    /// Inputs of the norms of embedding, hidden state and result, of the matrix that joins the first two, and of the output matrix (Megatron-LM
    /// core/transformer/multi_token_prediction.py); the module's layer is counted with the others.
    /// </summary>
    private static Formula Predictions(in RankContext rank) => rank.Predicts == 0 ? default : new(
        "6 · β · T · h beside the layer of a module for further tokens",
        "Megatron-LM megatron/core/transformer/multi_token_prediction.py",
        new(new Ratio(6 * rank.Recipe.Compute, rank.HiddenParts), rank.Tokens, checked(rank.Predicts * rank.Shape.Hidden)));

    private static long CachedPerToken(in RankContext rank) =>
        checked(rank.CacheBytes * (rank.Model.Latent is null ? 2 * rank.Shape.KeyValue : rank.Shape.Query + rank.Shape.AttentionOutput));

    /// <summary>Relative positions are a matrix per head over all pairs of tokens, which no fused kernel makes on the fly (T5); layers of a stack share it.</summary>
    private static Formula PositionBias(in RankContext rank)
    {
        if (rank.Model.RelativePositionBuckets > 0 && TransformersLayer.Knows(rank))
            return EncoderDecoderLayer.Positions(rank);
        var training = rank.Training;
        var stacks = (rank.Kinds.Encoder > 0 ? 1 : 0) + (rank.Kinds.Dense > 0 ? 1 : 0);
        return rank.Model.RelativePositionBuckets == 0 ? default : new(
            "β · heads · s · T, position bias",
            "T5, arXiv 1910.10683",
            new(stacks * rank.Recipe.Compute * rank.Shape.Heads, training.SequenceLength, Ratio.DivideUp(training.SequenceLength, rank.Job.Parallelism.Context)));
    }
}
