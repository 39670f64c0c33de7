namespace GpuMem.Estimation.Activations;

/// <summary>
/// What a layer of Megatron Core works on beside what it saves for backward, in bytes on one rank. Read tensor by tensor in megatron/core of
/// core_r0.14 (transformer/mlp.py, transformer/moe, tensor_parallel/layers.py) and in the modules of Transformer Engine that it calls.
/// </summary>
internal static class MegatronLayer
{
    // cuBLAS works in so much on Hopper and later.
    private const long Workspace = 32L << 20;

    // Transformer Engine common/util/multi_stream.cpp: a grouped product runs on so many streams, each with a workspace of its own.
    private const int GroupedStreams = 4;

    /// <summary>
    /// One for torch (aten/src/ATen/cuda/CublasHandlePool.cpp), one for Transformer Engine (pytorch/module/base.py, get_workspace), and where experts are
    /// multiplied in one grouped product those of its streams (get_multi_stream_cublas_workspace).
    /// </summary>
    public static long Workspaces(in RankContext rank) => (rank.Kinds.Experts > 0 ? 2 + GroupedStreams : 2) * Workspace;

    /// <summary>The modules are Megatron Core's: not those of a program of its own that only divides a model in the same way.</summary>
    public static bool Knows(in RankContext rank) => rank.Code.IsMegatronCore && rank.Training.Framework == TrainingFramework.Megatron;

    /// <summary>
    /// Of each token beside what attention works on (Transformer Engine pytorch/attention/dot_product_attention/context_parallel.py, as of 2.8): exchanged by
    /// all-to-all, what attention returns before and after it. In a ring keys and values are copied into one buffer; without rotary positions, norms or
    /// grouped heads queries are a view of the joint product, which then stays with both. Norms of heads keep a scale of each.
    /// </summary>
    public static long BesideAttention(in RankContext rank)
    {
        checked
        {
            var (model, shape, compute, layout) = (rank.Model, rank.Shape, rank.Recipe.Compute, rank.Job.Parallelism);
            var scales = model.QueryKeyNormalization == QueryKeyNormalization.PerHead ? 4 * (shape.Query + shape.KeyValue) / model.HeadDimension : 0;
            return scales + layout switch
            {
                { Context: 1 } => 0,
                { ContextExchange: ContextExchange.Ulysses } => compute * (model.Latent is null ? shape.Query : shape.AttentionOutput),
                { ContextExchange: ContextExchange.Ring } when model.LearnedPositions > 0 && !shape.GroupedQueries && model.QueryKeyNormalization == QueryKeyNormalization.None =>
                    2 * compute * shape.KeyValue,
                _ => 0,
            };
        }
    }

    /// <summary>
    /// While attention runs forward in a ring: keys and values of all other ranks, each in a buffer that stays until it returns (context_parallel.py,
    /// p2p_comm_buffers), less what the rest of the layer saves afterwards.
    /// </summary>
    public static long Ring(in RankContext rank, LayerKind kind)
    {
        if (rank.Job.Parallelism is not { Context: > 1 and var ranks, ContextExchange: ContextExchange.Ring } || kind is LayerKind.StateSpace or LayerKind.Experts)
            return 0;
        checked
        {
            var (shape, compute) = (rank.Shape, rank.Recipe.Compute);
            var keysAndValues = rank.Model.Latent is null ? 2 * shape.KeyValue : shape.Query + shape.AttentionOutput;
            var later = new TokenBytes(2 * compute * shape.Hidden, (rank.Model.GatedFeedForward ? 3 : 2) * compute * shape.FeedForward);
            return Math.Max(0, ((ranks - 1) * compute * keysAndValues * rank.Tokens) - later.Of(rank));
        }
    }

    /// <summary>
    /// While the layer runs backward: the gradient of its output, and those of both sides of the activation function less the input of the second
    /// product, which is gone by then. Of experts also the tokens' gradients on their way back, sent and received.
    /// </summary>
    public static long Backward(in RankContext rank, LayerKind kind)
    {
        checked
        {
            var (shape, compute) = (rank.Shape, rank.Recipe.Compute);
            var stream = compute * shape.Hidden * rank.Tokens;
            var inside = (rank.Model.GatedFeedForward ? 2 : 1) * compute;
            if (kind != LayerKind.Experts)
                return stream + (inside * shape.FeedForward * rank.Tokens);
            var experts = new ExpertTokens(rank);
            var exchanged = rank.Job.Parallelism.ExpertDispatch == ExpertDispatch.AllGather ? GatheredTokens(rank) + experts.Rows : 2 * experts.Rows;
            return Ratio.DivideUp(stream, rank.HiddenParts) + Math.Max(exchanged, Math.Max(experts.Rows + (compute * experts.Inside), inside * experts.Inside));
        }
    }

    /// <summary>
    /// While a layer with experts runs forward, beside what it saves. The layer's own variables hold the tokens as they were sent and as they came until it
    /// returns (transformer/moe/moe_layer.py); what experts return is put in the order of its senders where a rank has several experts, summed where an
    /// expert is cut, sent back, and added up for each token (token_dispatcher.py).
    /// </summary>
    public static long Forward(in RankContext rank, LayerKind kind)
    {
        var layout = rank.Job.Parallelism;
        if (kind != LayerKind.Experts)
            return 0;
        checked
        {
            var result = Ratio.DivideUp(rank.Recipe.Compute * rank.Shape.Hidden * rank.Tokens, rank.HiddenParts);
            var shared = rank.Shape.SharedSize > 0 ? result : 0;

            // Gathered tokens lie in a buffer that is kept; what experts return is added up for all of them before each rank gets its own.
            if (layout.ExpertDispatch == ExpertDispatch.AllGather)
                return shared + Math.Max(result, GatheredTokens(rank)) + new ExpertTokens(rank).Rows;
            var (experts, crosses, cut) = (new ExpertTokens(rank), layout.Expert > 1, rank.Experts.Tensor > 1);

            // Experts filled up to a capacity have equal parts, which lie in order already when they come from one rank alone.
            var sorts = rank.Shape.Experts > 1 && (crosses || cut || !layout.ExpertPadding);

            // The tensor that experts read is saved: it is one of these where nothing was copied after it.
            var sent = crosses || cut || sorts ? experts.Sent : 0;
            var came = crosses && (cut || sorts) ? experts.Came : 0;
            var returned = experts.Rows + (sorts ? experts.Rows : 0) + (cut ? experts.Came : 0);

            // Between stages the layer's result is counted as the tensor that is sent.
            var combined = (cut ? experts.Came : experts.Rows) + (crosses ? experts.Sent : 0) + (rank.Stage.Count > 1 ? 0 : result);
            return shared + sent + came + Math.Max(returned, combined);
        }
    }

    /// <summary>While the output matrix runs backward: the gradient of its input, and this rank's part of it where the sequence is divided.</summary>
    public static long Head(in RankContext rank)
    {
        var stream = checked(rank.Recipe.Compute * rank.Shape.Hidden * rank.Tokens);
        return rank.Job.Parallelism is { SequenceParallel: true, Tensor: > 1 and var tensor } ? checked(stream + Ratio.DivideUp(stream, tensor)) : stream;
    }

    /// <summary>
    /// The one buffer that is never freed, as large as the larger of what is gathered there (core/utils.py, GlobalMemoryBuffer): the head's whole input from the
    /// ranks among which the sequence is divided, and tokens for experts.
    /// </summary>
    public static long GatherBuffer(in RankContext rank)
    {
        var head = rank.Stage.IsLast && rank.HiddenParts > 1 ? checked(rank.Recipe.Compute * rank.Shape.Hidden * rank.Tokens) : 0;
        return rank.Kinds.Experts > 0 && rank.Job.Parallelism.ExpertDispatch == ExpertDispatch.AllGather ? Math.Max(head, GatheredTokens(rank)) : head;
    }

    /// <summary>Tokens of all ranks that divide experts or cut them (token_dispatcher.py, MoEAllGatherTokenDispatcher); none where there is one.</summary>
    private static long GatheredTokens(in RankContext rank)
    {
        var ranks = checked((long)rank.Experts.Parallel * rank.Experts.Tensor);
        return ranks == 1 ? 0 : checked(ranks * Ratio.DivideUp(rank.Recipe.Compute * rank.Shape.Hidden * rank.Tokens, rank.HiddenParts));
    }

    /// <summary>Bytes of one tensor of tokens, one for each expert that works on it.</summary>
    private readonly struct ExpertTokens
    {
        public ExpertTokens(in RankContext rank)
        {
            checked
            {
                var (shape, parts) = (rank.Shape, rank.Job.Parallelism.SequenceParallel ? rank.Job.Parallelism.Tensor : 1);
                var (imbalance, _) = ExpertActivations.Imbalance(rank.Model, rank.Job.Parallelism);
                var tokens = rank.Model.Experts!.ActivePerToken * rank.Tokens;
                var (sent, width) = (Ratio.DivideUp(tokens, parts), rank.Recipe.Compute * shape.Hidden);
                var received = imbalance.Of(shape.CutsExperts ? tokens : shape.ExpertTensor * sent);
                Rows = width * received;
                Inside = shape.ExpertSize * received;
                Came = width * imbalance.Of(sent);
                Sent = width * sent;
            }
        }

        /// <summary>As this rank's experts get them.</summary>
        public long Rows { get; }

        /// <summary>Elements of an expert's width.</summary>
        public long Inside { get; }

        /// <summary>As other ranks' parts of the sequence come, before the ranks that cut an expert gather them.</summary>
        public long Came { get; }

        /// <summary>As this rank sends them.</summary>
        public long Sent { get; }
    }
}
