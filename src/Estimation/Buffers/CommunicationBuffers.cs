using GpuMem.Estimation.Arithmetic;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Ranks;

namespace GpuMem.Estimation.Buffers;

/// <summary>What frameworks allocate to move gradients, parameters and activations between ranks.</summary>
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

            // A tensor sent and one received in each direction.
            var pipeline = rank.Stage.Count > 1 ? Ratio.DivideUp(2L * compute * rank.Tokens * rank.Shape.Hidden, hiddenParts) : 0;
            Always = Amount.Exactly(pipeline) + ReplicaBuckets(rank);

            InLayer = parallelism.Context > 1 ? Amount.Exactly(compute * rank.Tokens * ExchangedPerToken(rank)) : default;

            if (training.Framework != TrainingFramework.DeepSpeed || !recipe.ShardOptimizer)
                return;
            var reduce = recipe.Gradient * Math.Min(Bucket, rank.Trained.Total);
            var overlapped = recipe.ShardWeights ? 2 * reduce : reduce;
            Reduce = new Amount(overlapped, 2 * reduce);
            Gather = recipe.ShardWeights ? default : Amount.Exactly(recipe.Weight * Math.Min(Bucket, rank.Trained.Total));
        }
    }

    public Amount Always { get; }

    /// <summary>While a layer computes.</summary>
    public Amount InLayer { get; }

    /// <summary>While gradients are reduced.</summary>
    public Amount Reduce { get; }

    /// <summary>While updated weights are gathered after the optimizer step.</summary>
    public Amount Gather { get; }

    /// <summary>Elements that one context-parallel rank moves per token of its own in attention.</summary>
    private static long ExchangedPerToken(in RankContext rank) => checked(rank.Job.Parallelism.ContextExchange switch
    {
        // What is sent and what is received, of queries, keys and values.
        ContextExchange.Ulysses => 2 * (rank.Shape.Query + (2 * rank.Shape.KeyValue)),

        // Keys and values of the whole sequence.
        ContextExchange.AllGather => 2 * rank.Shape.KeyValue * rank.Job.Parallelism.Context,

        // Keys and values of two neighbours in the ring (arXiv 2310.01889).
        _ => 4 * rank.Shape.KeyValue,
    });

    /// <summary>DistributedDataParallel keeps gradients a second time, in buckets, unless gradient_as_bucket_view is set.</summary>
    private static Amount ReplicaBuckets(in RankContext rank)
    {
        var replicates = rank.Training.Framework is TrainingFramework.DDP or TrainingFramework.HuggingFace && !rank.IsFullySharded;
        return replicates && rank.Shards > 1 ? Amount.Exactly(checked(rank.Recipe.Gradient * rank.Trained.Total)) : default;
    }
}
