namespace GpuMem.Estimation.Models;

/// <summary>Bounds of a model's dimensions, far above any real model; within them the number of parameters of a dense decoder fits in 63 bits.</summary>
public static class ModelLimits
{
    public const long MaxHiddenSize = 1 << 20;

    public const int MaxLayers = 10_000;

    public const int MaxHeads = 1 << 16;

    public const int MaxHeadDimension = 1 << 16;

    /// <summary>Of the queries' width (heads × head dimension) and of the feed-forward width.</summary>
    public const long MaxWidth = 1 << 24;

    public const long MaxVocabularySize = 1 << 26;

    public const long MaxLearnedPositions = 1 << 26;

    public const int MaxNormsPerLayer = 16;

    /// <summary>Routed experts of one layer.</summary>
    public const int MaxExperts = 1 << 16;

    /// <summary>Of the narrow vectors of latent attention, of a recurrent state, of its convolution and its groups.</summary>
    public const int MaxRank = 1 << 16;

    public const int MaxPredictionModules = 64;

    /// <summary>For <see cref="ModelArchitecture.FromParameterCount"/>: below this embeddings outweigh layers and no shape is typical.</summary>
    public const long MinInferredParameters = 100_000_000;

    public const long MaxInferredParameters = 10_000_000_000_000;
}
