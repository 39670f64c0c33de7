namespace GpuMem.Estimation.Buffers;

/// <summary>What frameworks allocate to move gradients, parameters and activations between ranks, and what their libraries keep for good.</summary>
internal readonly struct CommunicationBuffers
{
    // DeepSpeed runtime/zero/config.py: reduce_bucket_size and allgather_bucket_size, in elements.
    private const long Bucket = 500_000_000;

    public CommunicationBuffers(in RankContext rank)
    {
        checked
        {
            // Most ranks have few of them: nothing is made to come to nothing.
            var always = rank.Stage.Count > 1 ? Pipeline(rank).Whole : 0;
            if (MegatronLayer.Knows(rank))
                always += Libraries(rank).Whole;
            if (Replicates(rank))
                always += ReplicaBuckets(rank).Whole;
            Always = Amount.Exactly(always);
            InLayer = Amount.Exactly(rank.Model.Experts is null ? 0 : TokenExchange(rank).Whole);
            if (rank.Job.Parallelism.Context > 1)
                InLayer += new Amount(SequenceExchange(rank).Whole, Exchanged(rank).Whole);
            if (!UsesBuckets(rank))
                return;
            var reduce = ReduceBuckets(rank).Whole;
            Reduce = new Amount(reduce, rank.Recipe.ShardWeights ? reduce : 2 * reduce);
            Gather = Amount.Exactly(GatherBucket(rank).Whole);
        }
    }

    /// <summary>From the first step to the last.</summary>
    public Amount Always { get; }

    /// <summary>While a layer computes.</summary>
    public Amount InLayer { get; }

    /// <summary>While gradients are reduced.</summary>
    public Amount Reduce { get; }

    /// <summary>While updated weights are gathered after the optimizer step.</summary>
    public Amount Gather { get; }

    public static Explanation Explain(in RankContext rank, Phase phase)
    {
        var always = Pipeline(rank).Explain() + Libraries(rank).Explain() + ReplicaBuckets(rank).Explain();
        return phase switch
        {
            Phase.BackwardStart or Phase.BackwardEnd => always + SequenceExchange(rank).Explain() + TokenExchange(rank).Explain() + ReduceBuckets(rank).Explain(),
            Phase.OptimizerStep => always + GatherBucket(rank).Explain(),
            _ => always,
        };
    }

    /// <summary>A tensor sent and one received; Megatron lets go of what it has sent (core/pipeline_parallel/schedules.py, deallocate_output_tensor).</summary>
    private static Formula Pipeline(in RankContext rank)
    {
        var copies = MegatronLayer.Knows(rank) ? 1L : 2L;
        return new(
            "β · T · h between stages", "pipeline parallelism, arXiv 2104.04473",
            new(new Ratio(copies * rank.Recipe.Compute, rank.HiddenParts), rank.Stage.Count > 1 ? rank.Tokens : 0, rank.Shape.Hidden));
    }

    /// <summary>What Megatron Core's libraries never free: workspaces, the buffer in which they gather, placeholder gradients.</summary>
    private static Formula Libraries(in RankContext rank) => !MegatronLayer.Knows(rank) ? default : new(
        "workspaces + what is gathered for head or experts + 2 B for each shape of a weight",
        "Megatron-LM megatron/core/tensor_parallel/layers.py; TransformerEngine transformer_engine/pytorch/module/base.py (get_dummy_wgrad)",
        new(1, MegatronLayer.Workspaces(rank)),
        new(1, MegatronLayer.GatherBuffer(rank)),
        new(1, PlaceholderGradients.Of(rank)));

    /// <summary>DistributedDataParallel keeps gradients a second time, in buckets, unless gradient_as_bucket_view is set.</summary>
    private static Formula ReplicaBuckets(in RankContext rank) =>
        new("β · N, gradients in buckets", "torch DistributedDataParallel (gradient_as_bucket_view)", new(rank.Recipe.Gradient, Replicates(rank) ? rank.Trained.Total : 0));

    private static bool Replicates(in RankContext rank) =>
        rank.Training.Framework is TrainingFramework.DDP or TrainingFramework.HuggingFace && rank.Shards > 1 && !rank.IsFullySharded;

    /// <summary>
    /// What context parallelism sends and receives while one layer attends. In Megatron's backward that is when the feed-forward's tensors are gone, which
    /// were more.
    /// </summary>
    private static Formula SequenceExchange(in RankContext rank) => MegatronLayer.Knows(rank) ? default : Exchanged(rank);

    private static Formula Exchanged(in RankContext rank)
    {
        var (shape, parallelism, bytes) = (rank.Shape, rank.Job.Parallelism, 2L * rank.Recipe.Compute);
        return parallelism.Context == 1 ? default : parallelism.ContextExchange switch
        {
            // Queries, keys and values out, the same back with other heads.
            ContextExchange.Ulysses => new("2 · β · T · (q + 2 · kv)", "arXiv 2309.14509", new(bytes, shape.Query + (2 * shape.KeyValue), rank.Tokens)),

            // Keys and values of the whole sequence.
            ContextExchange.AllGather => new("2 · β · T · cp · kv", "torch.distributed all_gather", new(bytes, shape.KeyValue, checked(rank.Tokens * parallelism.Context))),

            // Keys and values of two neighbours in the ring.
            _ => new("4 · β · T · kv", "ring attention, arXiv 2310.01889", new(2 * bytes, shape.KeyValue, rank.Tokens)),
        };
    }

    /// <summary>
    /// Tokens on their way to the experts of other ranks and back: one for each expert that works on it, or those of all ranks, gathered and
    /// summed again. Megatron's own exchange is counted with the layer.
    /// </summary>
    private static Formula TokenExchange(in RankContext rank)
    {
        var layout = rank.Job.Parallelism;
        if (rank.Model.Experts is not { } mixture || layout.Expert == 1 || MegatronLayer.Knows(rank))
            return default;
        long copies = layout.ExpertDispatch == ExpertDispatch.AllGather ? layout.Expert : mixture.ActivePerToken;
        return new("2 · β · T · h · copies", "Megatron-LM megatron/core/transformer/moe/token_dispatcher.py", new(2L * rank.Recipe.Compute, checked(copies * rank.Shape.Hidden), rank.Tokens));
    }

    /// <summary>With ZeRO-3 reduction overlaps with the next bucket.</summary>
    private static Formula ReduceBuckets(in RankContext rank) => !UsesBuckets(rank) ? default : new(
        "β · min(reduce_bucket_size, N)",
        "DeepSpeed deepspeed/runtime/zero/config.py",
        new(rank.Recipe.Gradient, Math.Min(Bucket, rank.Trained.Total), rank.Recipe.ShardWeights ? 2 : 1));

    private static Formula GatherBucket(in RankContext rank) => !UsesBuckets(rank) || rank.Recipe.ShardWeights ? default : new(
        "β · min(allgather_bucket_size, N)", "DeepSpeed deepspeed/runtime/zero/config.py", new(rank.Recipe.Weight, Math.Min(Bucket, rank.Trained.Total)));

    private static bool UsesBuckets(in RankContext rank) => rank.Training.Framework == TrainingFramework.DeepSpeed && rank.Recipe.ShardOptimizer;
}
