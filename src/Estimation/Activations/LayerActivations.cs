namespace GpuMem.Estimation.Activations;

/// <summary>
/// Bytes per token that one layer saves for backward. Generalises the count of Korthikanti et al. (arXiv 2205.05198, section 4.1)
/// to grouped queries, gated feed-forward and memory-efficient attention. Widths are in elements of two bytes unless said otherwise.
/// </summary>
internal static class LayerActivations
{
    /// <summary>Kernels fused by a compiler or the framework: norms and activation functions keep their input only.</summary>
    /// <param name="model">The model.</param>
    /// <param name="shape">Widths on this rank.</param>
    /// <param name="kind">The kind of layer.</param>
    /// <param name="imbalance">Load of the busiest rank with experts over the mean.</param>
    /// <param name="results">Whether what experts return is saved.</param>
    public static TokenBytes Fused(ModelArchitecture model, in RankShape shape, LayerKind kind, Ratio imbalance, bool results = true)
    {
        checked
        {
            // Each norm keeps its input and hands its output to the branch, which keeps it, too: 4 bytes per norm and element.
            var norms = Math.Min(model.NormsPerLayer, 2) * 4L;
            var postNorms = Math.Max(model.NormsPerLayer - 2, 0) * 2L;
            var mixer = kind switch
            {
                LayerKind.StateSpace => RecurrentActivations.Of(model, shape),
                _ when model.Latent is { } latent => LatentActivations.Of(latent, shape),
                _ => new TokenBytes(0, (4 * shape.Query) + (4 * shape.KeyValue) + (model.QueryKeyNormalization == QueryKeyNormalization.None ? 0 : 2 * (shape.Query + shape.KeyValue))),
            };
            return new TokenBytes((norms + postNorms + DropoutMasks(model)) * shape.Hidden, 0)
                + mixer
                + CrossAttention(model, shape, kind, norm: 4)
                + FeedForward(model, shape, kind, imbalance, perWidth: model.GatedFeedForward ? 6 : 4, results);
        }
    }

    /// <summary>Plain PyTorch modules (huggingface/transformers): RMSNorm computes in fp32, keys and values are repeated to full width, each step keeps its result.</summary>
    public static TokenBytes Eager(ModelArchitecture model, in RankShape shape, LayerKind kind, Ratio imbalance)
    {
        checked
        {
            // x.float() and the normalised copy are 6 bytes, the branch input 2; LayerNorm is one kernel and keeps its input only.
            var perNorm = model.Normalization == Normalization.RMSNorm ? 6L : 2L;
            var branches = Math.Min(model.NormsPerLayer, 2) * 2L;
            var norms = (model.NormsPerLayer * perNorm) + branches;
            var queryKeyNorms = model.QueryKeyNormalization == QueryKeyNormalization.None ? 0 : (2 * shape.Query) + (2 * shape.KeyValue);
            var keysAndValues = shape.GroupedQueries ? 6 * shape.Query : (2 * shape.Query) + (4 * shape.KeyValue);
            var mixer = kind switch
            {
                LayerKind.StateSpace => RecurrentActivations.Of(model, shape),

                // Queries and keys are put together from their two parts: one copy more of each.
                _ when model.Latent is { } latent => LatentActivations.Of(latent, shape) + new TokenBytes(0, 4 * shape.Query),
                _ => new TokenBytes(0, queryKeyNorms + keysAndValues + (4 * shape.Query)),
            };
            return new TokenBytes((norms + DropoutMasks(model)) * shape.Hidden, 0)
                + mixer
                + CrossAttention(model, shape, kind, perNorm + 2)
                + FeedForward(model, shape, kind, imbalance, perWidth: model.GatedFeedForward ? 8 : 4);
        }
    }

    /// <summary>Under adapters the frozen linear layers keep no inputs; what the path back to earlier adapters needs remains.</summary>
    public static TokenBytes Frozen(ModelArchitecture model, in RankShape shape, LayerKind kind, Ratio imbalance)
    {
        checked
        {
            // RMSNorm keeps its input in fp32, LayerNorm as it comes.
            var norms = model.NormsPerLayer * (model.Normalization == Normalization.RMSNorm ? 4L : 2L);
            var mixer = kind switch
            {
                LayerKind.StateSpace => RecurrentActivations.Of(model, shape),
                _ when model.Latent is { } latent => LatentActivations.Of(latent, shape),
                _ => new TokenBytes(0, 8 * shape.Query),
            };
            return new TokenBytes((norms + DropoutMasks(model)) * shape.Hidden, 0)
                + mixer
                + CrossAttention(model, shape, kind, norm: 4)
                + FeedForward(model, shape, kind, imbalance, perWidth: model.GatedFeedForward ? 6 : 2);
        }
    }

    /// <summary>Per-operator selection as in torchtitan: results of attention and of every second matrix product are kept.</summary>
    public static TokenBytes SelectedOperators(ModelArchitecture model, in RankShape shape, LayerKind kind)
    {
        checked
        {
            // The grouped product of routed experts is none of the listed operators: their part is computed again.
            var feedForward = new TokenBytes(0, 2 * (kind == LayerKind.Experts ? shape.SharedSize : shape.FeedForward));
            var attention = model.Latent is { } latent
                ? new TokenBytes(latent.CachedWidth, (2 * shape.AttentionOutput) + shape.Query + (shape.Heads * (latent.PlainHeadDimension + latent.ValueHeadDimension)))
                : new TokenBytes(0, (4 * shape.Query) + (2 * shape.KeyValue));
            return new TokenBytes(4 * shape.Hidden, 0) + attention + feedForward;
        }
    }

    /// <summary>What attention itself keeps, in bytes: softmax statistics in fp32, or the score matrix and its softmax when it is computed in the open.</summary>
    public static long AttentionScores(ModelArchitecture model, TrainingSpec training, in RankShape shape, int compute) => checked(training.Attention switch
    {
        // Megatron: softmax output, and with dropout its mask and result (2 + 1 + 2); elsewhere softmax in fp32 and its cast.
        AttentionKernel.Eager when training.Framework == TrainingFramework.Megatron => (model.HiddenDropout ? (2 * compute) + 1 : compute) * shape.Heads * training.SequenceLength,
        AttentionKernel.Eager => (4 + compute) * shape.Heads * training.SequenceLength,
        _ => 4 * shape.Heads,
    });

    /// <summary>Of decoders beside an encoder: a norm, its branch, queries, output, and keys and values of as many encoder tokens (T5, arXiv 1910.10683).</summary>
    private static TokenBytes CrossAttention(ModelArchitecture model, in RankShape shape, LayerKind kind, long norm) =>
        kind == LayerKind.Dense && model.EncoderLayers > 0 ? checked(new(norm * shape.Hidden, 8 * shape.Query)) : default;

    private static TokenBytes FeedForward(ModelArchitecture model, in RankShape shape, LayerKind kind, Ratio imbalance, long perWidth, bool results = true) => kind == LayerKind.Experts
        ? ExpertActivations.Of(model.Experts!, shape, imbalance, perWidth, results)
        : new TokenBytes(0, checked(perWidth * shape.FeedForward));

    private static long DropoutMasks(ModelArchitecture model) => model.HiddenDropout ? 2 : 0;
}
