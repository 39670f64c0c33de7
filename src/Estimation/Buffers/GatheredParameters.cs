namespace GpuMem.Estimation.Buffers;

/// <summary>Moments of a step between which the whole copies of weights differ.</summary>
internal enum GatheredAt
{
    ForwardEnd,

    /// <summary>The loss is computed and runs backward.</summary>
    Loss,

    /// <summary>One block runs backward.</summary>
    Backward,

    /// <summary>The first block, the last in backward, runs.</summary>
    BackwardEnd,
}

/// <summary>Whole copies of sharded, cast or quantised weights while they are used, with the gradients that wait to be reduced.</summary>
internal static class GatheredParameters
{
    // DeepSpeed runtime/zero/config.py: stage3_max_live_parameters and stage3_prefetch_bucket_size, in elements.
    private const long MaxLiveParameters = 1_000_000_000;
    private const long PrefetchBucket = 50_000_000;

    public static Amount Of(in RankContext rank, GatheredAt moment)
    {
        checked
        {
            var bytes = Copies(rank, moment).Whole;
            if (rank.IsQuantised)
                bytes += Expanded(rank, moment).Whole;
            if (rank.Recipe.NarrowProducts)
                bytes += NarrowWeights(rank).Whole;
            return new Amount(bytes, bytes + Beyond(rank));
        }
    }

    public static Explanation Explain(in RankContext rank, GatheredAt moment) => Copies(rank, moment).Explain() + Expanded(rank, moment).Explain() + NarrowWeights(rank).Explain();

    /// <summary>The gradient of the output matrix, which comes first in backward, before it is reduced.</summary>
    public static Formula HeadGradient(in RankContext rank) => new(
        "β · V · h, the output matrix's gradient",
        "FSDP, arXiv 2304.11277",
        new(rank.Recipe.Gradient, rank.IsFullySharded && rank.Stage.IsLast && !rank.IsAdapted ? rank.Shape.Vocabulary : 0, rank.Shape.Hidden));

    private static Formula Copies(in RankContext rank, GatheredAt moment) => rank.IsFullySharded ? Units(rank, moment) : CopiesOfOthers(rank, moment);

    private static Formula CopiesOfOthers(in RankContext rank, GatheredAt moment) => rank switch
    {
        { Training.Framework: TrainingFramework.DeepSpeed, Recipe.ShardWeights: true } => new(
            "β · min(stage3_max_live_parameters + prefetch bucket, N)", "DeepSpeed deepspeed/runtime/zero/config.py", new(rank.Recipe.Compute, LiveParameters(rank))),
        { Recipe.ShardWeights: true } => Units(rank, moment),
        { CastsWeights: true } => Casts(rank, moment),
        { HasWideRest: true, Autocasts: true } => new(
            "β · N_adapters and the output matrix, cast by autocast", AutocastSource, new(rank.Recipe.Compute, rank.Trained.Total), CastHead(rank, moment)),
        { IsAdapted: true, Recipe.Autocast: true } when rank.Recipe.Weight > rank.Recipe.Compute => new(
            "β · N_adapters, cast by autocast", AutocastSource, new(rank.Recipe.Compute, rank.Trained.Total)),
        _ => default,
    };

    private const string AutocastSource = "aten/src/ATen/autocast_mode.cpp, cached_cast";

    /// <summary>
    /// Autocast copies what linear layers multiply with, not embeddings and norms, and no experts that run in one grouped product. It forgets the copies
    /// when forward ends; without recomputation each layer still has its own until its backward is over. They go with the layers that they served; the
    /// last ones left are the first layer's.
    /// </summary>
    private static Formula Casts(in RankContext rank, GatheredAt moment)
    {
        var again = rank.Training.Recompute == Recompute.Full;
        var layers = moment switch
        {
            GatheredAt.ForwardEnd => again && rank.Model.CastsViews ? 0 : CastWeights(rank, rank.Base),
            GatheredAt.Loss => again ? 0 : CastWeights(rank, rank.Base),
            GatheredAt.Backward => CastWeights(rank, again ? rank.Layer : rank.Base),
            _ => CastWeights(rank, rank.Layer),
        };
        return new("β · weights of linear layers, cast by autocast and alive then", AutocastSource, new(rank.Recipe.Compute, layers), CastHead(rank, moment));
    }

    private static Product CastHead(in RankContext rank, GatheredAt moment) =>
        new(rank.Recipe.Compute, moment is GatheredAt.ForwardEnd or GatheredAt.Loss && rank.Stage.IsLast ? rank.Shape.Vocabulary : 0, rank.Shape.Hidden);

    private static long CastWeights(in RankContext rank, in ParameterTally tally) => tally.Matrices - (rank.Code.GroupsExperts && rank.Model.Experts is { PassesAll: false } ? tally.Experts.Total - tally.Experts.Vectors : 0);

    /// <summary>
    /// The root unit (embedding, head, final norm) stays gathered; the block in use and, in backward, the next one join it. SHARD_GRAD_OP keeps all units; so
    /// does a pipeline, which would gather them once per micro-batch, and whose gradients wait for the last one. Gradients wait for their reduction in the type
    /// that they are kept in: fp32 in mixed precision (fully_shard's reduce_dtype), else the weights'.
    /// </summary>
    private static Formula Units(in RankContext rank, GatheredAt moment)
    {
        const string source = "FSDP, arXiv 2304.11277; pytorch/torchtitan";
        var (compute, unit, backward) = (rank.Recipe.Compute, rank.Layer.Total, moment is GatheredAt.Backward or GatheredAt.BackwardEnd);
        var waiting = !backward || rank.IsAdapted ? 0 : rank.Stage.Count > 1 ? rank.Base.Total : unit;
        var gradients = new Product(rank.Recipe.Gradient, waiting);
        if (KeepsUnits(rank))
            return new(waiting > 0 ? "β · N, kept gathered, + gradients not reduced yet" : "β · N, kept gathered", source, new(compute, rank.Base.Total), gradients);
        return backward
            ? new("β · (root + 2 · unit) + gradients not reduced yet", source, new(compute, rank.RootParameters), new(compute, unit, 2), gradients)
            : new("β · (root + unit)", source, new(compute, rank.RootParameters), new(compute, unit));
    }

    private static bool KeepsUnits(in RankContext rank) => rank.Job.Parallelism.Sharding == Sharding.Gradients || rank.Stage.Count > 1;

    private static long LiveParameters(in RankContext rank) => Math.Min(MaxLiveParameters + PrefetchBucket, rank.Base.Total);

    /// <summary>One unit more may be gathered ahead of its use.</summary>
    private static long Beyond(in RankContext rank) => !rank.IsFullySharded && !rank.Recipe.ShardWeights ? 0
        : checked(rank.Recipe.Compute * (rank.Training.Framework == TrainingFramework.DeepSpeed ? Math.Min(rank.Layer.Total, rank.Base.Total - LiveParameters(rank)) : rank.Layer.Total));

    /// <summary>A quantised matrix is expanded to the compute type for each product; an output matrix that is quantised, too, in its program's own type.</summary>
    private static Formula Expanded(in RankContext rank, GatheredAt moment) => !rank.IsQuantised ? default : new(
        "β · largest matrix, expanded for its product",
        "bitsandbytes bitsandbytes/nn/modules.py",
        new(rank.Recipe.Compute, moment is GatheredAt.ForwardEnd or GatheredAt.Loss ? 0 : rank.Shape.Hidden, Math.Max(rank.Shape.FeedForward, rank.Shape.Query)),
        new(rank.Code.ExpandedHead, rank.QuantisedHead));

    /// <summary>
    /// Transformer Engine keeps an 8-bit copy of each matrix and its transpose, which micro-batches share and one alone saves for backward, too
    /// (transformer_engine/pytorch/module/base.py, get_weight_workspace; Megatron-LM disable_parameter_transpose_cache is off by default). Weights that are
    /// kept in 8 bits (--fp8-param-gather) have the transpose only, and embeddings, norms and head stay in 16 bits. Elsewhere weights are cast for one product
    /// at a time.
    /// </summary>
    private static Formula NarrowWeights(in RankContext rank) =>
        rank.Training.Framework == TrainingFramework.Megatron && rank.Recipe.NarrowProducts
            ? new(
                rank.Recipe.Weight == 1 ? "transposes of matrices in 8 bits, and the other half of the rest" : "N in 8 bits, twice",
                "TransformerEngine transformer_engine/pytorch/module/base.py",
                rank.Recipe.Weight == 1 ? new(1, rank.Base.Total) : new(2, rank.Base.Matrices))
            : default;
}
