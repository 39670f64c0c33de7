namespace GpuMem.Estimation.Activations;

/// <summary>
/// Mamba-2 (arXiv 2405.21060): what the first matrix makes, the convolution's output, the scan's inputs, chunk states and output, and the gated norm's.
/// Counted from the operators, not measured.
/// </summary>
internal static class RecurrentActivations
{
    /// <summary>
    /// Bytes when the scan is written out in PyTorch (transformers modeling_bamba.py, torch_forward), as it is without the packages mamba-ssm and
    /// causal-conv1d: in fp32, with keys and queries repeated for every head and three matrices per head over all pairs of a chunk.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="shape">Widths of the rank.</param>
    /// <param name="compute">Bytes of what matrix products return.</param>
    public static TokenBytes Composed(ModelArchitecture model, in RankShape shape, int compute)
    {
        checked
        {
            var states = model.StateSpace!;
            var heads = Ratio.DivideUp(states.Heads, shape.Tensor);
            var channels = shape.InnerSize + (2L * states.Groups * states.StateSize);

            // What the first matrix makes, the convolution's input and output, and the last matrix's input, in the model's type.
            var narrow = compute * ((2 * shape.InnerSize) + (3 * channels) + heads);

            // Inputs as they come and times their steps, what the states give, the gated norm's five. In fp32 the first and the gate are no copies.
            var wide = (32 - (compute == 4 ? 6 : 0)) * shape.InnerSize;
            var perHead = heads * ((12L * states.ChunkSize) + (12L * states.StateSize) + 76);
            return new TokenBytes(0, narrow + wide + perHead + Ratio.DivideUp(12 * shape.InnerSize * states.StateSize, states.ChunkSize));
        }
    }

    /// <summary>
    /// Bytes per token that pass while such a scan runs: keys times queries of all pairs of a chunk, every state of every head apart, which stay
    /// while the pairs' sum meets the inputs; in backward the gradients of both factors.
    /// </summary>
    public static (long Forward, long Backward) ComposedSets(ModelArchitecture model, in RankShape shape)
    {
        checked
        {
            var states = model.StateSpace!;
            var pairs = 4L * states.ChunkSize * Ratio.DivideUp(states.Heads, shape.Tensor);
            return (pairs * (states.StateSize + states.HeadDimension), 2 * pairs * states.StateSize);
        }
    }

    /// <summary>With kernels, in elements of two bytes.</summary>
    public static TokenBytes Of(ModelArchitecture model, in RankShape shape)
    {
        checked
        {
            var states = model.StateSpace!;
            var channels = shape.InnerSize + (2L * states.Groups * states.StateSize);
            return new TokenBytes(0, (2 * (shape.InnerSize + channels + states.Heads)) + (2 * channels) + (6 * shape.InnerSize));
        }
    }
}
