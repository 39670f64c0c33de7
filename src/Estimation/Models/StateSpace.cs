namespace GpuMem.Estimation.Models;

/// <summary>Layers with a recurrent state in place of attention (Mamba-2, arXiv 2405.21060). Widths, in elements.</summary>
public sealed record StateSpace
{
    /// <summary>How many of the model's layers; the others have attention.</summary>
    public required int Layers { get; init; }

    /// <summary>Width inside the layer, usually twice the hidden size.</summary>
    public required long InnerSize { get; init; }

    /// <summary>Elements of the state for each element of the inner width.</summary>
    public required int StateSize { get; init; }

    /// <summary>Groups that share the projections into and out of the state.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Tokens that the convolution sees.</summary>
    public int ConvolutionSize { get; init; } = 4;

    /// <summary>Tokens that the scan takes at once when it is written out in PyTorch.</summary>
    public int ChunkSize { get; init; } = 256;

    /// <summary>Recurrent heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Elements of one recurrent head.</summary>
    public required int HeadDimension { get; init; }

    /// <summary>The convolution has a bias.</summary>
    public bool ConvolutionBias { get; init; } = true;

    /// <summary>The projections have biases.</summary>
    public bool ProjectionBias { get; init; }

    /// <summary>Channels of the convolution: the inner width with the projections into and out of the state.</summary>
    public long ConvolutionChannels => checked(InnerSize + (2L * Groups * StateSize));

    /// <summary>Elements that one sequence keeps per layer, however long it is: the convolution's last inputs and the state.</summary>
    public long CachedElements => checked((ConvolutionChannels * (ConvolutionSize - 1)) + ((long)Heads * HeadDimension * StateSize));
}
