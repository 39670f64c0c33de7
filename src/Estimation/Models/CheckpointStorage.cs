namespace GpuMem.Estimation.Models;

/// <summary>How a checkpoint stores its weights in fewer bits: in which format, in which parts, in which layers. What no entry names stays in 16 bits.</summary>
/// <param name="Usual">The format of parts that have none of their own, and the one that people name the checkpoint by.</param>
/// <param name="Parts">What is quantised; entries of one part do not overlap.</param>
public sealed record CheckpointStorage(QuantizationSpec Usual, IReadOnlyList<StoredPart> Parts)
{
    // Linear layers of blocks. Routers decide by small differences: they, head and embeddings stay wide unless a file says otherwise.
    private static readonly StoredPart[] Linear =
    [
        new(ModelPart.Attention), new(ModelPart.FeedForward), new(ModelPart.RoutedExperts), new(ModelPart.SharedExperts), new(ModelPart.Recurrence), new(ModelPart.Prediction),
    ];

    // llama.cpp quantises all matrices (src/llama-quant.cpp).
    private static readonly StoredPart[] Everything = [.. Linear, new(ModelPart.Embedding), new(ModelPart.Head)];

    private static readonly StoredPart[] ExpertsAlone = [new(ModelPart.RoutedExperts)];

    /// <summary>One format for all linear layers of blocks; MXFP4 is for routed experts alone where there are any (openai/gpt-oss config.json).</summary>
    public static IReadOnlyList<StoredPart> UsualParts(QuantizationScheme scheme, bool hasExperts) => scheme switch
    {
        QuantizationScheme.MXFP4 when hasExperts => ExpertsAlone,
        _ when States.QuantizedWeight.IsGguf(scheme) => Everything,
        _ => Linear,
    };

    /// <summary>The same format for the same parts, entry by entry.</summary>
    public bool Equals(CheckpointStorage? other) => other is not null && Usual == other.Usual && Parts.SequenceEqual(other.Parts);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Usual, Parts.Count);
}

/// <summary>One part of a run of layers, as it is stored.</summary>
/// <param name="Part">What is quantised.</param>
/// <param name="First">The first of its layers, from 0.</param>
/// <param name="End">The first layer that is none of them any more.</param>
/// <param name="Own">Its format; null for the checkpoint's usual one.</param>
public sealed record StoredPart(ModelPart Part, long First = 0, long End = long.MaxValue, QuantizationSpec? Own = null);

/// <summary>Parts of a model that a checkpoint may store in formats of their own.</summary>
public enum ModelPart
{
    /// <summary>Projections of queries, keys and values, and of attention's output.</summary>
    Attention,
    /// <summary>Dense feed-forward layers.</summary>
    FeedForward,
    /// <summary>Experts of which a router picks a few.</summary>
    RoutedExperts,
    /// <summary>Experts that every token passes.</summary>
    SharedExperts,
    /// <summary>What picks experts, and the gate of shared ones.</summary>
    Router,
    /// <summary>State-space and linear attention layers.</summary>
    Recurrence,
    /// <summary>Modules for further tokens.</summary>
    Prediction,
    /// <summary>The output matrix.</summary>
    Head,
    /// <summary>The input embedding.</summary>
    Embedding,
    /// <summary>The vision part of a multimodal model.</summary>
    Vision,
}
