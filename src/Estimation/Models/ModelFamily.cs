namespace GpuMem.Estimation.Models;

/// <summary>
/// What a <c>model_type</c> implies where <c>config.json</c> is silent. Sources: huggingface/transformers
/// <c>src/transformers/models/*/configuration_*.py</c> and <c>modeling_*.py</c>.
/// </summary>
internal sealed record ModelFamily
{
    public bool Tied { get; init; }

    public bool Gated { get; init; } = true;

    public Normalization Normalization { get; init; }

    public int NormsPerLayer { get; init; } = 2;

    public bool QueryKeyValueBias { get; init; }

    public bool AttentionOutputBias { get; init; }

    public bool FeedForwardBias { get; init; }

    public bool HeadBias { get; init; }

    public QueryKeyNormalization QueryKeyNormalization { get; init; }

    public bool EmbeddingNorm { get; init; }

    /// <summary>Positions are learned; the table has <see cref="ExtraPositions"/> rows more than the longest sequence.</summary>
    public bool LearnedPositions { get; init; }

    public int ExtraPositions { get; init; }

    /// <summary>The feed-forward is 4 × hidden size unless stated.</summary>
    public bool FourfoldFeedForward { get; init; }

    /// <summary>Qwen 1 states the widths of gate and up together.</summary>
    public int FeedForwardDivisor { get; init; } = 1;

    public int? Heads { get; init; }

    public int? KeyValueHeads { get; init; }

    public int? HeadDimension { get; init; }

    public long? VocabularySize { get; init; }

    private static readonly ModelFamily Llama = new();

    private static readonly ModelFamily Gpt = new()
    {
        Gated = false,
        Normalization = Normalization.LayerNorm,
        QueryKeyValueBias = true,
        AttentionOutputBias = true,
        FeedForwardBias = true,
        FourfoldFeedForward = true,
    };

    private static readonly ModelFamily Gemma = new() { Tied = true, HeadDimension = 256 };

    private static readonly Dictionary<string, ModelFamily> ByModelType = new(StringComparer.OrdinalIgnoreCase)
    {
        ["llama"] = Llama,
        ["mistral"] = Llama,
        ["phi3"] = Llama,
        ["smollm3"] = Llama with { Tied = true },
        ["granite"] = Llama,
        ["qwen"] = Llama with { QueryKeyValueBias = true, FeedForwardDivisor = 2 },
        ["qwen2"] = Llama with { QueryKeyValueBias = true },
        ["qwen3"] = Llama with { QueryKeyNormalization = QueryKeyNormalization.PerHead },
        ["olmo2"] = Llama with { QueryKeyNormalization = QueryKeyNormalization.FullWidth },
        ["chatglm"] = Llama,
        ["stablelm"] = Llama with { Normalization = Normalization.LayerNorm },
        ["gemma"] = Gemma,
        ["gemma2"] = Gemma with { NormsPerLayer = 4 },
        ["gemma3_text"] = Gemma with
        {
            NormsPerLayer = 4,
            QueryKeyNormalization = QueryKeyNormalization.PerHead,
            Heads = 8,
            KeyValueHeads = 4,
            VocabularySize = 262_208,
        },
        ["gpt2"] = Gpt with { Tied = true, LearnedPositions = true },
        ["gpt_neox"] = Gpt,
        ["gptj"] = Gpt with { NormsPerLayer = 1, QueryKeyValueBias = false, AttentionOutputBias = false, HeadBias = true },
        ["opt"] = Gpt with { Tied = true, LearnedPositions = true, ExtraPositions = 2 },
        ["bloom"] = Gpt with { Tied = true, EmbeddingNorm = true },
        ["phi"] = Gpt with { NormsPerLayer = 1, HeadBias = true },
        ["falcon"] = Gpt with { Tied = true, QueryKeyValueBias = false, AttentionOutputBias = false, FeedForwardBias = false },
        ["starcoder2"] = Gpt with { Tied = true },
    };

    /// <summary>Null for a type that is not known.</summary>
    public static ModelFamily? Find(string? modelType) => modelType is not null && ByModelType.TryGetValue(modelType, out var family) ? family : null;

    /// <summary>The most common shape, for types that are not known.</summary>
    public static ModelFamily Default => Llama;
}
