namespace GpuMem.Estimation.Models;

/// <summary>The dimensions of a dense decoder that its parameters and activations follow from. Counts, not bytes.</summary>
public sealed record ModelArchitecture
{
    /// <summary>What people call it: a Hugging Face id, or <c>config.json</c> when it has no name.</summary>
    public required string Name { get; init; }

    public required long HiddenSize { get; init; }

    public required int Layers { get; init; }

    public required int AttentionHeads { get; init; }

    public required int KeyValueHeads { get; init; }

    public required int HeadDimension { get; init; }

    public required long FeedForwardSize { get; init; }

    public required long VocabularySize { get; init; }

    public bool TiedEmbeddings { get; init; }

    public bool GatedFeedForward { get; init; } = true;

    public static ModelArchitecture FromParameterCount(string text) => throw new NotImplementedException();
}
