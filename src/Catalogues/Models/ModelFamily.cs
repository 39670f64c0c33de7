namespace GpuMem.Catalogues.Models;

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

    public bool NormsAfter { get; init; }

    public bool WideNormWeights { get; init; }

    public bool CentredNorms { get; init; }

    public bool BiaslessNorms { get; init; }

    public bool WeightlessNorms { get; init; }

    /// <summary>Each layer, or the model, keeps a causal mask for all positions.</summary>
    public bool MasksLayers { get; init; }

    public bool MasksModel { get; init; }

    public bool WideSoftmax { get; init; }

    public bool WideScores { get; init; }

    public QueryKeyValueProjection QueryKeyValueProjection { get; init; }

    public ActivationFunction Activation { get; init; }

    public bool ParallelBranches { get; init; }

    public bool PartialRotary { get; init; }

    public bool JoinsGate { get; init; }

    public bool GatesAttention { get; init; }

    public bool WideRouter { get; init; }

    /// <summary>Its layers are known only as far as this says, or not all of them.</summary>
    public bool IsAlike { get; init; }

    /// <summary>Dropout where the configuration says nothing of it.</summary>
    public bool HiddenDropout { get; init; }

    public bool ScoreDropout { get; init; }

    /// <summary>Where there is one head of keys and values.</summary>
    public bool BroadcastsHead { get; init; }

    public bool CastsViews { get; init; }

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

    public bool AttentionSinks { get; init; }

    public bool RouterBias { get; init; }

    public bool ExpertBias { get; init; }

    public bool ClampsGate { get; init; }

    public bool SharedGate { get; init; }

    /// <summary>One in so many layers attends to the whole sequence, the others to a window; 0 when all have the window, null when a window is not used unless stated.</summary>
    public int? GlobalLayerStep { get; init; }

    public long? WindowTokens { get; init; }

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

    private static readonly ModelFamily Gemma = new() { Tied = true, HeadDimension = 256, WideNormWeights = true };

    private static readonly ModelFamily Gemma4 = Gemma with { NormsPerLayer = 4, QueryKeyNormalization = QueryKeyNormalization.PerHead, WideRouter = true, IsAlike = true };

    private static readonly ModelFamily HeadNormed = Llama with { QueryKeyNormalization = QueryKeyNormalization.PerHead };

    private static readonly ModelFamily QwenGated = new()
    {
        QueryKeyNormalization = QueryKeyNormalization.PerHead, WideNormWeights = true, PartialRotary = true, GatesAttention = true, SharedGate = true, IsAlike = true,
    };

    private static readonly Dictionary<string, ModelFamily> ByModelType = new(StringComparer.OrdinalIgnoreCase)
    {
        ["llama"] = Llama,
        ["mistral"] = Llama with { GlobalLayerStep = 0 },
        ["mixtral"] = Llama with { GlobalLayerStep = 0 },
        ["llama4_text"] = Llama,
        ["phi3"] = Llama with { GlobalLayerStep = 0, QueryKeyValueProjection = QueryKeyValueProjection.JointRotated, PartialRotary = true },
        ["internlm2"] = Llama,
        ["baichuan"] = Llama,
        ["cohere"] = Llama with { Tied = true, NormsPerLayer = 1, CentredNorms = true },
        ["cohere2"] = Llama with { Tied = true, NormsPerLayer = 1, GlobalLayerStep = 4, CentredNorms = true },
        ["smollm3"] = Llama with { Tied = true },
        ["granite"] = Llama,
        ["qwen"] = Llama with { QueryKeyValueBias = true, FeedForwardDivisor = 2 },
        ["qwen2"] = Llama with { QueryKeyValueBias = true },
        ["qwen2_vl"] = Llama with { QueryKeyValueBias = true },
        ["qwen2_5_vl"] = Llama with { QueryKeyValueBias = true },
        ["qwen2_moe"] = Llama with { QueryKeyValueBias = true, SharedGate = true },
        ["qwen3"] = Llama with { QueryKeyNormalization = QueryKeyNormalization.PerHead },
        ["qwen3_moe"] = Llama with { QueryKeyNormalization = QueryKeyNormalization.PerHead },
        ["deepseek_v2"] = Llama,
        ["deepseek_v3"] = Llama with { RouterBias = true },
        ["kimi_k2"] = Llama with { RouterBias = true },
        ["gpt_oss"] = Llama with
        {
            QueryKeyValueBias = true,
            AttentionOutputBias = true,
            AttentionSinks = true,
            WideNormWeights = true,
            RouterBias = true,
            ExpertBias = true,
            ClampsGate = true,
            GlobalLayerStep = 2,
        },
        ["olmoe"] = Llama with { QueryKeyNormalization = QueryKeyNormalization.FullWidth },
        ["olmo2"] = Llama with { QueryKeyNormalization = QueryKeyNormalization.FullWidth, WideNormWeights = true },
        ["chatglm"] = Llama,
        ["stablelm"] = Llama with { Normalization = Normalization.LayerNorm, PartialRotary = true },
        ["gemma"] = Gemma,
        ["gemma2"] = Gemma with { NormsPerLayer = 4, GlobalLayerStep = 2, WindowTokens = 4096 },
        ["gemma3_text"] = Gemma with
        {
            NormsPerLayer = 4,
            QueryKeyNormalization = QueryKeyNormalization.PerHead,
            GlobalLayerStep = 6,
            WindowTokens = 4096,
            Heads = 8,
            KeyValueHeads = 4,
            VocabularySize = 262_208,
        },
        ["gpt2"] = Gpt with
        {
            Tied = true,
            LearnedPositions = true,
            HiddenDropout = true,
            ScoreDropout = true,
            MasksLayers = true,
            Activation = ActivationFunction.Composed,
            QueryKeyValueProjection = QueryKeyValueProjection.Joint,
        },
        ["gpt_neox"] = Gpt with { QueryKeyValueProjection = QueryKeyValueProjection.JointRotated, PartialRotary = true, ParallelBranches = true },
        ["gptj"] = Gpt with { NormsPerLayer = 1, QueryKeyValueBias = false, AttentionOutputBias = false, HeadBias = true, Activation = ActivationFunction.Composed, MasksLayers = true, WideScores = true },
        ["opt"] = Gpt with { Tied = true, LearnedPositions = true, ExtraPositions = 2, HiddenDropout = true, Activation = ActivationFunction.ReLU },
        ["bloom"] = Gpt with { Tied = true, EmbeddingNorm = true, QueryKeyValueProjection = QueryKeyValueProjection.Joint },
        ["phi"] = Gpt with { NormsPerLayer = 1, HeadBias = true, Activation = ActivationFunction.Composed, PartialRotary = true },
        ["falcon"] = Gpt with
        {
            Tied = true,
            QueryKeyValueBias = false,
            AttentionOutputBias = false,
            FeedForwardBias = false,
            QueryKeyValueProjection = QueryKeyValueProjection.JointRotated,
            BroadcastsHead = true,
            CastsViews = true,
            ParallelBranches = true,
        },
        ["starcoder2"] = Gpt with { Tied = true, GlobalLayerStep = 0 },
        ["gpt_bigcode"] = Gpt with { Tied = true, LearnedPositions = true, HiddenDropout = true, ScoreDropout = true, WideSoftmax = true, MasksModel = true, QueryKeyValueProjection = QueryKeyValueProjection.Joint },

        // MosaicML's norms have no bias, its linear layers neither.
        ["mpt"] = Llama with { Tied = true, BiaslessNorms = true, Gated = false, FourfoldFeedForward = true, QueryKeyValueProjection = QueryKeyValueProjection.Joint },
        ["bamba"] = Llama with { PartialRotary = true },
    };

    /// <summary>Types of which everything is counted layer by layer and what their layers keep was read, too.</summary>
    private static readonly Dictionary<string, ModelFamily> ByCountedType = new(StringComparer.OrdinalIgnoreCase)
    {
        ["afmoe"] = HeadNormed with { NormsPerLayer = 4, GatesAttention = true, WideRouter = true, IsAlike = true },
        ["apertus"] = HeadNormed with { Activation = ActivationFunction.XIELU },
        ["arcee"] = Llama with { Activation = ActivationFunction.SquaredReLU },
        ["cwm"] = Llama,
        ["dots1"] = HeadNormed with { WideRouter = true },
        ["ernie4_5"] = Llama,
        ["ernie4_5_moe"] = Llama with { WideRouter = true, IsAlike = true },
        ["exaone4"] = HeadNormed with { NormsAfter = true },
        ["exaone_moe"] = HeadNormed with { WideRouter = true },
        ["flex_olmo"] = Llama with { QueryKeyNormalization = QueryKeyNormalization.FullWidth, WideNormWeights = true },
        ["glm"] = Llama with { PartialRotary = true, JoinsGate = true },
        ["glm4"] = Llama with { NormsPerLayer = 4, PartialRotary = true, JoinsGate = true },
        ["glm4_moe"] = HeadNormed with { PartialRotary = true, WideRouter = true },
        ["glm4_moe_lite"] = Llama,
        ["helium"] = Llama with { WideNormWeights = true },
        ["hyperclovax"] = Llama,
        ["jais2"] = Llama with { Normalization = Normalization.LayerNorm },
        ["minimax_m2"] = Llama with { QueryKeyNormalization = QueryKeyNormalization.FullWidth, PartialRotary = true },
        ["ministral"] = Llama,
        ["ministral3"] = Llama,
        ["mistral4"] = Llama with { IsAlike = true },
        ["olmo"] = Llama with { WeightlessNorms = true },
        ["olmo3"] = Llama with { QueryKeyNormalization = QueryKeyNormalization.FullWidth, WideNormWeights = true },
        ["phimoe"] = Llama with { Normalization = Normalization.LayerNorm },
        ["qwen3_vl_moe_text"] = HeadNormed with { IsAlike = true },
        ["qwen3_vl_text"] = HeadNormed with { IsAlike = true },
        ["seed_oss"] = Llama with { HiddenDropout = true, ScoreDropout = true, WideSoftmax = true },
        ["solar_open"] = Llama with { WideRouter = true },
        ["youtu"] = Llama,

        // Their indexers keep queries and keys of their own.
        ["deepseek_v32"] = Llama with { IsAlike = true },
        ["glm_moe_dsa"] = Llama with { IsAlike = true },

        // AltUp's router and its corrections have norms of their own, and so have a low-rank branch and each layer's own input (Gemma 3n).
        ["gemma3n_text"] = Gemma with { NormsPerLayer = 9, QueryKeyNormalization = QueryKeyNormalization.PerHead, IsAlike = true },

        // Heads differ by layer, and values have a norm, too.
        ["gemma4_text"] = Gemma4,
        ["gemma4_unified_text"] = Gemma4,

        // Their norms of queries and keys come after the rotation, which autocast makes wider.
        ["hunyuan_v1_dense"] = HeadNormed with { IsAlike = true },
        ["hunyuan_v1_moe"] = HeadNormed with { WideRouter = true, IsAlike = true },

        // Under autocast its norms read and return 16 bits.
        ["nemotron"] = Llama with { Normalization = Normalization.LayerNorm, PartialRotary = true, Activation = ActivationFunction.SquaredReLU, IsAlike = true },

        // Layers with a state are taken to keep what those with attention do.
        ["lfm2"] = HeadNormed with { IsAlike = true },
        ["lfm2_moe"] = HeadNormed with { IsAlike = true },
        ["qwen3_5_moe_text"] = QwenGated,
        ["qwen3_5_text"] = QwenGated,
        ["qwen3_next"] = QwenGated,
    };

    /// <summary>What the layers of a type are like that is counted layer by layer; null where nobody read them.</summary>
    public static ModelFamily? OfCounted(string? modelType) => modelType is not null && ByCountedType.TryGetValue(modelType, out var family) ? family : null;

    /// <summary>With what only few types have.</summary>
    public ModelArchitecture Refine(ModelArchitecture model) => model with
    {
        NormsAfter = NormsAfter,
        CentredNorms = CentredNorms,
        BiaslessNorms = BiaslessNorms,
        WeightlessNorms = WeightlessNorms,
        MaskTables = MasksLayers ? model.Layers : MasksModel ? 1 : 0,
        WideSoftmax = WideSoftmax,
        ViewsHead = WideSoftmax && model.KeyValueHeads == 1,
        WideScores = WideScores,
        JoinsGate = JoinsGate,
        GatesAttention = GatesAttention,
    };

    /// <summary>Null for a type that is not known.</summary>
    public static ModelFamily? Find(string? modelType) => modelType is not null && ByModelType.TryGetValue(modelType, out var family) ? family : null;

    /// <summary>The most common shape, for types that are not known.</summary>
    public static ModelFamily Default => Llama;
}
