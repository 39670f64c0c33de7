using GpuMem.Estimation.Models;
using GpuMem.Estimation.Ranks;

namespace GpuMem.Estimation.Activations;

/// <summary>
/// Mamba-2 (arXiv 2405.21060): what the first matrix makes, the convolution's output, the scan's inputs, chunk states and output, and the gated norm's.
/// Counted from the operators, not measured.
/// </summary>
internal static class RecurrentActivations
{
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
