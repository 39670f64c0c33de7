using GpuMem.Estimation.Activations;

namespace GpuMem.Estimation.Buffers;

/// <summary>What frameworks allocate to move gradients, parameters and activations between ranks, and what their libraries keep for good.</summary>
internal readonly struct CommunicationBuffers
{
    // DeepSpeed runtime/zero/config.py: reduce_bucket_size and allgather_bucket_size, in elements.
    public const long Bucket = 500_000_000;

    public CommunicationBuffers(in RankContext rank)
    {
        checked
        {
            var (training, parallelism, recipe) = (rank.Training, rank.Job.Parallelism, rank.Recipe);
            var compute = recipe.Compute;
            var hiddenParts = parallelism.SequenceParallel ? parallelism.Tensor : 1;

            // A tensor sent and one received; Megatron lets go of what it has sent (core/pipeline_parallel/schedules.py, deallocate_output_tensor).
            var copies = MegatronLayer.Knows(rank) ? 1L : 2L;
            var pipeline = rank.Stage.Count > 1 ? Ratio.DivideUp(copies * compute * rank.Tokens * rank.Shape.Hidden, hiddenParts) : 0;
            Kept = MegatronLayer.Knows(rank) ? MegatronLayer.Workspaces + MegatronLayer.GatheredHeadInput(rank) + PlaceholderGradients.Of(rank) : 0;
            Always = Amount.Exactly(pipeline + Kept) + ReplicaBuckets(rank);

            InLayer = Amount.Exactly(SequenceExchange(rank) + TokenExchange(rank));

            if (training.Framework != TrainingFramework.DeepSpeed || !recipe.ShardOptimizer)
                return;
            var reduce = recipe.Gradient * Math.Min(Bucket, rank.Trained.Total);
            var overlapped = recipe.ShardWeights ? 2 * reduce : reduce;
            Reduce = new Amount(overlapped, 2 * reduce);
            Gather = recipe.ShardWeights ? default : Amount.Exactly(recipe.Weight * Math.Min(Bucket, rank.Trained.Total));
        }
    }

    /// <summary>Of <see cref="Always"/>, what Megatron Core's libraries never free: workspaces, the head's gathered input, placeholder gradients.</summary>
    public long Kept { get; }

    /// <summary>From the first step to the last.</summary>
    public Amount Always { get; }

    /// <summary>While a layer computes.</summary>
    public Amount InLayer { get; }

    /// <summary>While gradients are reduced.</summary>
    public Amount Reduce { get; }

    /// <summary>While updated weights are gathered after the optimizer step.</summary>
    public Amount Gather { get; }

    /// <summary>What context parallelism sends and receives while one layer attends.</summary>
    private static long SequenceExchange(in RankContext rank)
    {
        var parallelism = rank.Job.Parallelism;
        if (parallelism.Context == 1)
            return 0;
        var (shape, bytes) = (rank.Shape, 2L * rank.Recipe.Compute);
        return checked(parallelism.ContextExchange switch
        {
            // Queries, keys and values out, the same back with other heads (arXiv 2309.14509).
            ContextExchange.Ulysses => bytes * (shape.Query + (2 * shape.KeyValue)) * rank.Tokens,

            // Keys and values of the whole sequence.
            ContextExchange.AllGather => bytes * shape.KeyValue * rank.Tokens * parallelism.Context,

            // Keys and values of two neighbours in the ring (arXiv 2310.01889).
            _ => 2 * bytes * shape.KeyValue * rank.Tokens,
        });
    }

    /// <summary>
    /// Tokens on their way to the experts of other ranks and back: one for each expert that works on it, or those of all ranks, gathered and
    /// summed again (Megatron-LM core/transformer/moe/token_dispatcher.py).
    /// </summary>
    private static long TokenExchange(in RankContext rank)
    {
        var layout = rank.Job.Parallelism;
        if (rank.Model.Experts is not { } mixture || layout.Expert == 1)
            return 0;

        // Counted with the layer.
        if (MegatronLayer.Knows(rank) && layout.ExpertDispatch == ExpertDispatch.AllToAll)
            return 0;
        long copies = layout.ExpertDispatch == ExpertDispatch.AllGather ? layout.Expert : mixture.ActivePerToken;
        return checked(2L * rank.Recipe.Compute * copies * rank.Shape.Hidden * rank.Tokens);
    }

    /// <summary>DistributedDataParallel keeps gradients a second time, in buckets, unless gradient_as_bucket_view is set.</summary>
    private static Amount ReplicaBuckets(in RankContext rank)
    {
        var replicates = rank.Training.Framework is TrainingFramework.DDP or TrainingFramework.HuggingFace && !rank.IsFullySharded;
        return replicates && rank.Shards > 1 ? Amount.Exactly(checked(rank.Recipe.Gradient * rank.Trained.Total)) : default;
    }
}
