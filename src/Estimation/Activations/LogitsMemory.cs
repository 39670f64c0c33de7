using GpuMem.Estimation.Arithmetic;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Ranks;

namespace GpuMem.Estimation.Activations;

/// <summary>Logits and cross entropy on the rank that holds the output matrix, with the inputs of final norm and head.</summary>
internal static class LogitsMemory
{
    // Chunks into which token-wise losses are cut by default (torchtune CEWithChunkedOutputLoss, num_output_chunks).
    private const int Chunks = 8;

    public static Amount Of(in RankContext rank, int hiddenParts)
    {
        if (!rank.Stage.IsLast)
            return default;
        checked
        {
            var (training, shape) = (rank.Training, rank.Shape);
            var logits = rank.Tokens * shape.Vocabulary;
            var (expected, upper) = PerLogit(rank);
            var inputs = Ratio.DivideUp(2 * rank.Recipe.Compute * shape.Hidden * rank.Tokens, hiddenParts);

            // A fused head accumulates the gradient of the output matrix chunk by chunk (arXiv 2410.10989).
            var headGradient = training.Loss == LossKernel.Fused && !rank.IsAdapted ? rank.Recipe.Compute * shape.Vocabulary * shape.Hidden : 0;
            return new Amount(expected.Of(logits) + inputs + headGradient, upper.Of(logits) + inputs + headGradient);
        }
    }

    /// <summary>Bytes per token and vocabulary entry of this rank.</summary>
    public static (Ratio Expected, Ratio Upper) PerLogit(in RankContext rank)
    {
        var softcap = rank.Model.LogitSoftcapping ? 4 : 0;
        return rank.Training.Loss switch
        {
            LossKernel.Chunked => (new((2 * Chunks) + 10 + softcap, Chunks), new((2 * Chunks) + (2 * (10 + softcap)), Chunks)),
            LossKernel.Fused => (new(14 + softcap, Chunks), new(2 * (16 + softcap), Chunks)),
            _ => Whole(rank, softcap),
        };
    }

    private static (Ratio Expected, Ratio Upper) Whole(in RankContext rank, int softcap)
    {
        var (training, tensor) = (rank.Training, rank.Job.Parallelism.Tensor);

        // bf16 logits 2, fp32 copy 4, log-softmax 4, its gradient 4, bf16 gradient 2 (huggingface/transformers loss_utils).
        const int upcast = 16;
        var (expected, upper) = training.Framework switch
        {
            // Vocabulary-parallel cross entropy: bf16 logits 2, fp32 4, gradient in place (Megatron-LM tensor_parallel/cross_entropy.py).
            TrainingFramework.Megatron => (6, 6),

            // torchtitan's sharded loss over DTensor keeps a little more per local logit; without tensor parallelism it drops the bf16 logits.
            TrainingFramework.PyTorchFSDP => tensor > 1 ? (18, 18) : (14, upcast),
            _ => (upcast, upcast),
        };

        // In fp32 there is no copy and no cast: logits, log-softmax and gradient.
        if (rank.Recipe.Compute == 4)
            (expected, upper) = (12, upcast);
        return (Ratio.Whole(expected + softcap), Ratio.Whole(upper + (2 * softcap)));
    }
}
