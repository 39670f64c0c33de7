namespace GpuMem.Estimation.Activations;

/// <summary>
/// What a layer of Megatron Core works on beside what it saves for backward, in bytes on one rank. Read tensor by tensor in megatron/core of
/// core_r0.14 (transformer/mlp.py, transformer/moe, tensor_parallel/layers.py) and in the modules of Transformer Engine that it calls.
/// </summary>
internal static class MegatronLayer
{
    /// <summary>cuBLAS works in 32 MiB on Hopper and later, once for torch (aten/src/ATen/cuda/CublasHandlePool.cpp), once for Transformer Engine (pytorch/module/base.py).</summary>
    public const long Workspaces = 64L << 20;

    /// <summary>The modules are Megatron Core's: not those of a program of its own that only divides a model in the same way.</summary>
    public static bool Knows(in RankContext rank) => rank.Code.IsMegatronCore && rank.Training.Framework == TrainingFramework.Megatron;

    /// <summary>
    /// While the layer runs backward: the gradient of its output, and those of both sides of the activation function less the input of the second
    /// product, which is gone by then. Of experts also the tokens' gradients on their way back, sent and received.
    /// </summary>
    public static long Backward(in RankContext rank, LayerKind kind)
    {
        checked
        {
            var (shape, compute) = (rank.Shape, rank.Recipe.Compute);
            var output = compute * shape.Hidden * rank.Tokens;
            var inside = (rank.Model.GatedFeedForward ? 2 : 1) * compute;
            if (kind != LayerKind.Experts)
                return output + (inside * shape.FeedForward * rank.Tokens);
            var experts = new ExpertTokens(rank);
            return output + Math.Max(2 * experts.Rows, Math.Max(experts.Rows + (compute * experts.Inside), inside * experts.Inside));
        }
    }

    /// <summary>
    /// While a layer with experts runs forward: what they return and the same in the order of its senders, beside the tokens as they were sent and as they
    /// came, which the layer's own variables hold until it returns (transformer/moe/moe_layer.py, token_dispatcher.py).
    /// </summary>
    public static long Forward(in RankContext rank, LayerKind kind)
    {
        if (kind != LayerKind.Experts || rank.Job.Parallelism.ExpertDispatch != ExpertDispatch.AllToAll)
            return 0;
        checked
        {
            var experts = new ExpertTokens(rank);
            var held = (rank.Job.Parallelism.Expert > 1 ? 2 : 1) + (rank.Experts.Tensor > 1 ? 1 : 0);
            return (2 * experts.Rows) + (held * experts.Sent);
        }
    }

    /// <summary>While the output matrix runs backward: the gradient of its input, and this rank's part of it where the sequence is divided.</summary>
    public static long Head(in RankContext rank)
    {
        var stream = checked(rank.Recipe.Compute * rank.Shape.Hidden * rank.Tokens);
        return rank.Job.Parallelism is { SequenceParallel: true, Tensor: > 1 and var tensor } ? checked(stream + Ratio.DivideUp(stream, tensor)) : stream;
    }

    /// <summary>The head's whole input, gathered from the ranks among which the sequence is divided, in a buffer that is never freed (core/utils.py, GlobalMemoryBuffer).</summary>
    public static long GatheredHeadInput(in RankContext rank) => rank is { Stage.IsLast: true, Job.Parallelism: { SequenceParallel: true, Tensor: > 1 } }
        ? checked(rank.Recipe.Compute * rank.Shape.Hidden * rank.Tokens)
        : 0;

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
                var received = imbalance.Of(shape.CutsExperts ? tokens : Ratio.DivideUp(tokens, parts));
                Rows = rank.Recipe.Compute * shape.Hidden * received;
                Inside = shape.ExpertSize * received;
                Sent = rank.Recipe.Compute * shape.Hidden * Ratio.DivideUp(tokens, parts);
            }
        }

        /// <summary>As this rank's experts get them.</summary>
        public long Rows { get; }

        /// <summary>Elements of an expert's width.</summary>
        public long Inside { get; }

        /// <summary>As this rank sends them.</summary>
        public long Sent { get; }
    }
}
