namespace GpuMem.Estimation.Models;

/// <summary>The tower for pictures of a multimodal model, as far as the memory of its forward pass follows from it. Widths, in elements.</summary>
public sealed record PictureTower
{
    /// <summary>Width of the stream between its layers.</summary>
    public required long HiddenSize { get; init; }

    /// <summary>Width inside a layer's feed-forward.</summary>
    public required long FeedForwardSize { get; init; }

    /// <summary>Three feed-forward matrices (gate, up, down) instead of two.</summary>
    public bool GatedFeedForward { get; init; }

    /// <summary>Learned positions are interpolated between their four neighbours.</summary>
    public bool InterpolatesPositions { get; init; }

    /// <summary>One patch as it comes in: three colours of each of its pixels.</summary>
    public required long PatchSize { get; init; }

    /// <summary>Patches that are joined to one token of text.</summary>
    public required long PatchesPerToken { get; init; }

    /// <summary>One token as it goes to the language model, with what goes to layers after the first.</summary>
    public required long OutputSize { get; init; }

    /// <summary>Tokens of the largest picture that the model's preprocessor leaves.</summary>
    public required long LargestPicture { get; init; }
}
