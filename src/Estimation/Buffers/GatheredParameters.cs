namespace GpuMem.Estimation.Buffers;

/// <summary>Whole copies of sharded, cast or quantised weights while they are used, with the gradients that wait to be reduced.</summary>
internal readonly struct GatheredParameters
{
    // DeepSpeed runtime/zero/config.py: stage3_max_live_parameters and stage3_prefetch_bucket_size, in elements.
    public const long MaxLiveParameters = 1_000_000_000;
    public const long PrefetchBucket = 50_000_000;

    public GatheredParameters(in RankContext rank)
    {
        var expanded = Amount.Exactly(checked(ExpandedMatrix(rank) + (rank.Code.ExpandedHead * (rank.IsQuantised ? rank.QuantisedHead : 0))));
        var (forward, backward) = rank switch
        {
            { IsFullySharded: true } => Units(rank),
            { Training.Framework: TrainingFramework.DeepSpeed, Recipe.ShardWeights: true } => Same(LiveParameters(rank)),
            { Recipe.ShardWeights: true } => Units(rank),
            { CastsWeights: true } => Casts(rank),
            { IsAdapted: true, Recipe.Autocast: true } when rank.Recipe.Weight > rank.Recipe.Compute => Same(Amount.Exactly(checked(rank.Recipe.Compute * rank.Trained.Total))),
            _ => default,
        };
        expanded += NarrowWeights(rank);
        Forward = forward + expanded;
        Backward = backward + expanded;
        Loss = rank is { CastsWeights: true, Training.Recompute: Recompute.Full } ? Amount.Exactly(checked(rank.Recipe.Compute * Head(rank))) + expanded : Forward;

        // Casts go with the layers they served; the last one left is the first layer's.
        BackwardEnd = rank.CastsWeights ? Amount.Exactly(checked(rank.Recipe.Compute * CastWeights(rank, rank.Layer))) : Backward;
        HeadGradient = UnreducedHeadGradient(rank);
    }

    /// <summary>At the end of the forward pass.</summary>
    public Amount Forward { get; }

    /// <summary>While the loss is computed and runs backward.</summary>
    public Amount Loss { get; }

    /// <summary>While one block runs backward.</summary>
    public Amount Backward { get; }

    /// <summary>While the first block, the last in backward, runs.</summary>
    public Amount BackwardEnd { get; }

    /// <summary>Of the output matrix, which comes first in backward.</summary>
    public Amount HeadGradient { get; }

    /// <summary>
    /// Autocast copies what linear layers multiply with, not embeddings and norms, and no experts that run in one grouped product. It forgets the copies
    /// when forward ends; without recomputation each layer still has its own until its backward is over (aten/src/ATen/autocast_mode.cpp, cached_cast).
    /// </summary>
    private static (Amount Forward, Amount Backward) Casts(in RankContext rank)
    {
        checked
        {
            var (compute, layers) = (rank.Recipe.Compute, CastWeights(rank, rank.Base));
            var inBackward = rank.Training.Recompute == Recompute.Full ? CastWeights(rank, rank.Layer) : layers;
            return (Amount.Exactly(compute * (layers + Head(rank))), Amount.Exactly(compute * inBackward));
        }
    }

    private static long CastWeights(in RankContext rank, in ParameterTally tally) => tally.Matrices - (rank.Code.GroupsExperts ? tally.Experts.Total - tally.Experts.Vectors : 0);

    private static long Head(in RankContext rank) => rank.Stage.IsLast ? checked(rank.Shape.Vocabulary * rank.Shape.Hidden) : 0;

    private static (Amount Forward, Amount Backward) Units(in RankContext rank)
    {
        checked
        {
            var compute = rank.Recipe.Compute;
            var unit = compute * rank.Layer.Total;

            // Gradients wait for their reduction in the type that they are kept in: fp32 in mixed precision (fully_shard's reduce_dtype), else the weights'.
            var unreduced = rank.IsAdapted ? 0 : rank.Recipe.Gradient * rank.Layer.Total;

            // SHARD_GRAD_OP keeps all units; so does a pipeline, which would gather them once per micro-batch, and whose gradients wait for the last one.
            if (rank.Job.Parallelism.Sharding == Sharding.Gradients || rank.Stage.Count > 1)
            {
                var all = compute * rank.Base.Total;
                var waiting = rank.Stage.Count > 1 && !rank.IsAdapted ? rank.Recipe.Gradient * rank.Base.Total : unreduced;
                return (new Amount(all, all + unit), new Amount(all + waiting, all + waiting + unit));
            }

            // The root unit (embedding, head, final norm) stays gathered; the block in use and, in backward, the next one join it.
            var root = compute * rank.RootParameters;
            return (new Amount(root + unit, root + (2 * unit)), new Amount(root + (2 * unit) + unreduced, root + (3 * unit) + unreduced));
        }
    }

    private static Amount LiveParameters(in RankContext rank)
    {
        checked
        {
            var compute = rank.Recipe.Compute;
            var live = Math.Min(MaxLiveParameters + PrefetchBucket, rank.Base.Total);
            return new Amount(compute * live, compute * Math.Min(live + rank.Layer.Total, rank.Base.Total));
        }
    }

    /// <summary>A quantised matrix is expanded to the compute type for each product.</summary>
    private static long ExpandedMatrix(in RankContext rank) =>
        rank.IsQuantised ? checked(rank.Recipe.Compute * rank.Shape.Hidden * Math.Max(rank.Shape.FeedForward, rank.Shape.Query)) : 0;

    /// <summary>
    /// Transformer Engine keeps an 8-bit copy of each matrix and its transpose while micro-batches share them (transformer_engine/pytorch/module/base.py).
    /// Elsewhere weights are cast for one product at a time.
    /// </summary>
    private static Amount NarrowWeights(in RankContext rank) =>
        rank.Training.Framework == TrainingFramework.Megatron && rank.Recipe.NarrowProducts && rank.AccumulatesGradients
            ? Amount.Exactly(checked(2 * rank.Base.Matrices))
            : default;

    private static Amount UnreducedHeadGradient(in RankContext rank) => rank.IsFullySharded && rank.Stage.IsLast && !rank.IsAdapted
        ? Amount.Exactly(checked(rank.Recipe.Gradient * rank.Shape.Vocabulary * rank.Shape.Hidden))
        : default;

    private static (Amount Forward, Amount Backward) Same(Amount amount) => (amount, amount);
}
