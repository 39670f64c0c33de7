namespace GpuMem.Estimation.Models;

/// <summary>Bounds of a model's dimensions, far above any real model; within them the number of parameters of a dense decoder fits in 63 bits.</summary>
public static class ModelLimits
{
    /// <summary>Elements of the stream between layers.</summary>
    public const long MaxHiddenSize = 1 << 20;

    /// <summary>Of one model.</summary>
    public const int MaxLayers = 10_000;

    /// <summary>Of attention, or recurrent ones.</summary>
    public const int MaxHeads = 1 << 16;

    /// <summary>Elements of one head.</summary>
    public const int MaxHeadDimension = 1 << 16;

    /// <summary>Of the queries' width (heads × head dimension) and of the feed-forward width.</summary>
    public const long MaxWidth = 1 << 24;

    /// <summary>Rows of the embedding.</summary>
    public const long MaxVocabularySize = 1 << 26;

    /// <summary>Rows of the table of positions.</summary>
    public const long MaxLearnedPositions = 1 << 26;

    /// <summary>Copies of the stream between layers; published models have four.</summary>
    public const int MaxStreams = 64;

    /// <summary>Norms of one layer.</summary>
    public const int MaxNormsPerLayer = 16;

    /// <summary>Routed experts of one layer.</summary>
    public const int MaxExperts = 1 << 16;

    /// <summary>Of the narrow vectors of latent attention, of a recurrent state, of its convolution and its groups.</summary>
    public const int MaxRank = 1 << 16;

    /// <summary>Modules that predict further tokens.</summary>
    public const int MaxPredictionModules = 64;
}
