using GpuMem.Estimation.Ranks;

namespace GpuMem.Estimation.Models;

/// <summary>
/// The dimensions of a dense decoder that its parameters and activations follow from. Counts, not bytes.
/// What is not said is as in Llama: gated feed-forward, RMSNorm before attention and feed-forward, no biases, untied embeddings.
/// </summary>
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

    /// <summary>Input embedding and output matrix are one tensor.</summary>
    public bool TiedEmbeddings { get; init; }

    /// <summary>Three feed-forward matrices (gate, up, down) instead of two.</summary>
    public bool GatedFeedForward { get; init; } = true;

    public Normalization Normalization { get; init; }

    /// <summary>1 in parallel blocks (Falcon, Phi-2), 2 usually, 4 in Gemma 2 and 3.</summary>
    public int NormsPerLayer { get; init; } = 2;

    public bool QueryKeyValueBias { get; init; }

    public bool AttentionOutputBias { get; init; }

    public bool FeedForwardBias { get; init; }

    public bool HeadBias { get; init; }

    public QueryKeyNormalization QueryKeyNormalization { get; init; }

    /// <summary>Rows of a learned position table; 0 for rotary and ALiBi positions.</summary>
    public long LearnedPositions { get; init; }

    /// <summary>A norm directly after the embedding (BLOOM).</summary>
    public bool EmbeddingNorm { get; init; }

    /// <summary>Dropout on the outputs of attention and feed-forward: each keeps a mask of one byte per element.</summary>
    public bool HiddenDropout { get; init; }

    /// <summary>Logits pass through tanh (Gemma 2), whose output is kept for backward.</summary>
    public bool LogitSoftcapping { get; init; }

    /// <summary>What had to be guessed about the dimensions; anything but <see cref="ModelKnowledge.Exact"/> widens the bounds and lowers confidence.</summary>
    public ModelKnowledge Knowledge { get; init; }

    /// <summary>Parameters of the whole model; a tied matrix counts once.</summary>
    /// <exception cref="OverflowException">The dimensions are outside <see cref="ModelLimits"/> and the count leaves 63 bits.</exception>
    public long Parameters => ParameterTally.Of(this, PipelineStage.Whole(this), new RankShape(this, tensor: 1)).Total;

    /// <summary>Dimensions typical of a Llama-like model of about this size, such as <c>7B</c> or <c>1.5b</c>.</summary>
    /// <exception cref="ModelFormatException">The text is no number of parameters within <see cref="ModelLimits"/>.</exception>
    public static ModelArchitecture FromParameterCount(string text) => TypicalShape.Of(text, ParameterCountText.Parse(text));
}

public enum Normalization
{
    /// <summary>One weight per element.</summary>
    RMSNorm,

    /// <summary>Weight and bias per element.</summary>
    LayerNorm,
}

public enum QueryKeyNormalization
{
    None,

    /// <summary>One norm of the head dimension for queries and one for keys (Qwen3, Gemma 3).</summary>
    PerHead,

    /// <summary>Norms over the full query and key widths (OLMo 2).</summary>
    FullWidth,
}

public enum ModelKnowledge
{
    /// <summary>All dimensions are stated.</summary>
    Exact,

    /// <summary>The model type is not one we know: biases, norms and ties are taken to be as in Llama.</summary>
    UnknownFamily,

    /// <summary>Only the language part of a multimodal model is counted.</summary>
    LanguagePartOnly,

    /// <summary>Only the number of parameters is stated; all dimensions are inferred.</summary>
    ParameterCountOnly,
}
