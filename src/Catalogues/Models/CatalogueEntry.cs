namespace GpuMem.Catalogues.Models;

/// <summary>One entry of the built-in catalogue, whose fields have one name whatever the model type.</summary>
internal static class CatalogueEntry
{
    public static ModelArchitecture Read(ConfigFields fields, string name, string modelType) => modelType switch
    {
        "bert" => EncoderConfig.Read(fields, name) with { HiddenDropout = true },
        "t5" => EncoderDecoderConfig.Read(fields, name) with { HiddenDropout = true },
        _ => Decoder(fields, name, modelType),
    };

    private static ModelArchitecture Decoder(ConfigFields fields, string name, string modelType)
    {
        var latent = LatentConfig.Read(fields);
        var family = ModelFamily.Find(modelType) ?? ModelFamily.Default;
        return family.Refine(new ModelArchitecture
        {
            Name = name,
            HiddenSize = fields.RequiredNumber("hidden_size"),
            Layers = Integer(fields, "num_hidden_layers"),
            AttentionHeads = Integer(fields, "num_attention_heads"),
            KeyValueHeads = Integer(fields, "num_key_value_heads"),
            HeadDimension = latent is null ? Integer(fields, "head_dim") : latent.PlainHeadDimension + latent.RotaryHeadDimension,
            FeedForwardSize = fields.RequiredNumber("intermediate_size"),
            VocabularySize = fields.RequiredNumber("vocab_size"),
            TiedEmbeddings = fields.Flag("tie_word_embeddings") ?? false,
            GatedFeedForward = fields.Flag("gated_mlp") ?? true,
            Normalization = fields.Text("norm") == "layernorm" ? Normalization.LayerNorm : Normalization.RMSNorm,
            NormsPerLayer = Integer(fields, "norms_per_layer"),
            QueryKeyValueBias = fields.Flag("attention_bias_qkv") ?? false,
            AttentionOutputBias = fields.Flag("attention_bias_o") ?? false,
            FeedForwardBias = fields.Flag("mlp_bias") ?? false,
            HeadBias = fields.Flag("lm_head_bias") ?? false,
            QueryKeyNormalization = fields.Text("qk_norm") == "head" ? QueryKeyNormalization.PerHead : QueryKeyNormalization.None,
            LearnedPositions = fields.Number("learned_positions") ?? 0,
            EmbeddingNorm = fields.Number("embedding_norm") > 0,
            LogitSoftcapping = modelType == "gemma2",
            ScoreSoftcapping = modelType == "gemma2",
            WideNormWeights = family.WideNormWeights,
            ScoreDropout = family.ScoreDropout,
            BroadcastsHead = family.BroadcastsHead && fields.RequiredNumber("num_key_value_heads") == 1,
            CastsViews = family.CastsViews,
            PartialRotary = family.PartialRotary,
            ParallelBranches = family.ParallelBranches,
            QueryKeyValueProjection = family.QueryKeyValueProjection,
            Activation = family.Activation,
            HiddenDropout = family.HiddenDropout,
            Experts = Experts(fields, family),
            Latent = latent,
            AttentionSinks = fields.Flag("attention_sinks") ?? false,
            Window = fields.Number("sliding_window") is { } window ? new SlidingWindow(window, Integer(fields, "sliding_layers")) : null,
            PredictionModules = (int)(fields.Number("num_nextn_predict_layers") ?? 0),
        });
    }

    private static MixtureOfExperts? Experts(ConfigFields fields, ModelFamily family) => fields.Number("num_experts") is not { } count ? null : new MixtureOfExperts
    {
        Count = (int)count,
        ActivePerToken = Integer(fields, "num_experts_per_tok"),
        ExpertSize = fields.RequiredNumber("moe_intermediate_size"),
        SharedSize = fields.Number("shared_expert_intermediate_size") ?? 0,
        SharedGate = fields.Flag("shared_expert_gate") ?? false,
        RouterBias = fields.Flag("router_bias") ?? false,
        ExpertBias = fields.Flag("expert_bias") ?? false,
        ClampsGate = family.ClampsGate,
        DenseLayers = (int)(fields.Number("first_k_dense_replace") ?? 0),
    };

    private static int Integer(ConfigFields fields, string name) => (int)fields.RequiredNumber(name);
}
