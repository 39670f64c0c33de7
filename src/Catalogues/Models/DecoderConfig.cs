namespace GpuMem.Catalogues.Models;

/// <summary>Maps the fields of <c>config.json</c>, with the aliases of older model types, to the dimensions of a decoder.</summary>
internal static class DecoderConfig
{
    private static readonly string[] Dropouts = ["resid_pdrop", "hidden_dropout", "residual_dropout", "dropout"];

    public static ModelArchitecture Read(ConfigFields fields, string name)
    {
        var modelType = fields.ModelType;
        var known = ModelFamily.Find(modelType);
        var family = known ?? ModelFamily.Default;

        CheckPresent(fields, family);
        var hidden = fields.AgreedNumber("hidden_size", "n_embd", "d_model", "n_embed", "dim");
        var layers = Int(fields.AgreedNumber("num_hidden_layers", "n_layer", "n_layers", "num_layers"));
        var latent = LatentConfig.Read(fields);
        var heads = Int(fields.Number("num_attention_heads", "n_head", "n_heads", "num_heads") ?? family.Heads
            ?? fields.RequiredNumber("num_attention_heads", "n_head", "n_heads", "num_heads"));
        var bias = fields.Flag("bias", "use_bias");
        var attentionBias = fields.Flag("attention_bias") ?? bias;
        var positions = family.LearnedPositions
            ? fields.RequiredNumber("n_positions", "max_position_embeddings") + family.ExtraPositions
            : 0;
        return family.Refine(new ModelArchitecture
        {
            Name = name,
            HiddenSize = hidden,
            Layers = layers,
            AttentionHeads = heads,
            KeyValueHeads = latent is null ? KeyValueHeads(fields, family, modelType, heads) : heads,
            HeadDimension = latent is null ? HeadDimension(fields, family, hidden, heads) : Int((long)latent.PlainHeadDimension + latent.RotaryHeadDimension),
            FeedForwardSize = FeedForward(fields, family, hidden),
            VocabularySize = fields.Number("padded_vocab_size", "vocab_size") ?? family.VocabularySize ?? fields.RequiredNumber("vocab_size"),
            TiedEmbeddings = fields.Tied(family.Tied),
            GatedFeedForward = family.Gated,
            Normalization = family.Normalization,
            NormsPerLayer = NormsPerLayer(fields, family, modelType),
            WideNormWeights = family.WideNormWeights,
            ScoreDropout = family.ScoreDropout,
            CastsViews = family.CastsViews,
            BroadcastsHead = family.BroadcastsHead && latent is null && KeyValueHeads(fields, family, modelType, heads) == 1,
            PartialRotary = family.PartialRotary,
            ParallelBranches = fields.Flag("use_parallel_residual") ?? family.ParallelBranches,
            QueryKeyValueProjection = family.QueryKeyValueProjection,
            Activation = Activation(fields, family),
            QueryKeyValueBias = fields.Flag("add_qkv_bias", "use_qkv_bias") ?? attentionBias ?? family.QueryKeyValueBias,
            AttentionOutputBias = attentionBias ?? family.AttentionOutputBias,
            FeedForwardBias = fields.Flag("mlp_bias") ?? bias ?? family.FeedForwardBias,
            HeadBias = family.HeadBias,
            QueryKeyNormalization = family.QueryKeyNormalization,
            LearnedPositions = positions,
            ContextLength = fields.Number("max_position_embeddings", "n_positions", "max_seq_len", "seq_length") ?? 0,
            EmbeddingNorm = family.EmbeddingNorm,
            HiddenDropout = HiddenDropout(fields, family),
            LogitSoftcapping = fields.Positive("final_logit_softcapping"),
            ScoreSoftcapping = fields.Positive("attn_logit_softcapping"),
            Experts = ExpertConfig.Read(fields, family, modelType),
            Latent = latent,
            AttentionSinks = family.AttentionSinks,
            Window = WindowConfig.Read(fields, family, layers),
            StateSpace = modelType == "bamba" ? RecurrentConfig.ReadHybrid(fields, hidden, layers) : null,
            PredictionModules = Int(fields.Number("num_nextn_predict_layers") ?? 0),
            Knowledge = known is null ? ModelKnowledge.UnknownFamily : ModelKnowledge.Exact,
            UnknownFamily = known is null ? modelType ?? "" : null,
        });
    }

    /// <summary>As it is stated, else the class's own.</summary>
    public static bool HiddenDropout(ConfigFields fields, ModelFamily family) => Array.Exists(Dropouts, fields.Has) ? fields.Positive(Dropouts) : family.HiddenDropout;

    /// <summary>Names all that is missing at once, so that nobody mends a file field by field.</summary>
    private static void CheckPresent(ConfigFields fields, ModelFamily family)
    {
        var missing = new List<string>();
        Need("hidden_size", "n_embd", "d_model", "n_embed", "dim");
        Need("num_hidden_layers", "n_layer", "n_layers", "num_layers");
        if (family.Heads is null)
            Need("num_attention_heads", "n_head", "n_heads", "num_heads");
        if (!family.FourfoldFeedForward)
            Need("intermediate_size", "n_inner", "ffn_hidden_size", "ffn_dim", "moe_intermediate_size", "intermediate_size_mlp");
        if (family.VocabularySize is null)
            Need("vocab_size", "padded_vocab_size");
        if (missing.Count > 0)
            throw fields.Refusal($"{string.Join(", ", missing)} missing, under these or older names; a model cannot be sized without");

        void Need(params ReadOnlySpan<string> names)
        {
            if (fields.Number(names) is null)
                missing.Add(names[0]);
        }
    }

    private static int KeyValueHeads(ConfigFields fields, ModelFamily family, string? modelType, int heads)
    {
        if ((modelType == "falcon" && fields.Flag("new_decoder_architecture") != true) || modelType == "gpt_bigcode")
            return fields.Flag("multi_query") ?? true ? 1 : heads;
        if (fields.Flag("multi_query_attention") == true && fields.Number("multi_query_group_num") is { } groups)
            return Int(groups);
        return Int(fields.Number("num_key_value_heads", "num_kv_heads", "n_head_kv") ?? family.KeyValueHeads ?? heads);
    }

    private static int HeadDimension(ConfigFields fields, ModelFamily family, long hidden, int heads)
    {
        if (fields.Number("head_dim", "kv_channels") is { } stated)
            return Int(stated);
        if (family.HeadDimension is { } usual)
            return usual;
        if (heads == 0 || hidden % heads != 0)
            throw fields.Refusal($"hidden_size {hidden} cannot be divided by {heads} attention heads; give head_dim or check both numbers");
        return Int(hidden / heads);
    }

    private static long FeedForward(ConfigFields fields, ModelFamily family, long hidden)
    {
        // Llama 4 calls the width of its experts intermediate_size; other models without dense layers may give theirs alone.
        var stated = fields.Number("intermediate_size_mlp", "intermediate_size", "n_inner", "ffn_hidden_size", "ffn_dim", "moe_intermediate_size");
        if (stated is null && family.FourfoldFeedForward && hidden <= ModelLimits.MaxHiddenSize)
            return 4 * hidden;
        return (stated ?? fields.RequiredNumber("intermediate_size", "n_inner", "ffn_hidden_size", "ffn_dim")) / family.FeedForwardDivisor;
    }

    private static int NormsPerLayer(ConfigFields fields, ModelFamily family, string? modelType)
    {
        // Falcon's parallel block has one norm before both branches, its newer architecture one for each.
        if (modelType == "falcon")
            return fields.Flag("parallel_attn") != false && fields.Flag("new_decoder_architecture") != true ? 1 : 2;
        return modelType == "stablelm" && fields.Flag("use_parallel_residual") == true ? 1 : family.NormsPerLayer;
    }

    /// <summary>huggingface/transformers activations.py: NewGELUActivation and FastGELUActivation are written out in Python, the others call one kernel.</summary>
    public static ActivationFunction Activation(ConfigFields fields, ModelFamily family) =>
        (fields.Text("activation_function") ?? fields.Text("hidden_act") ?? fields.Text("hidden_activation")) switch
        {
            null => family.Activation,
            "gelu_new" or "gelu_fast" => ActivationFunction.Composed,
            "relu" => ActivationFunction.ReLU,
            "relu2" => ActivationFunction.SquaredReLU,
            "xielu" => ActivationFunction.XIELU,
            _ => ActivationFunction.OneKernel,
        };

    /// <summary>Of two numbers that are not negative; one too large for any model stays too large.</summary>
    internal static long Product(long a, long b) => a == 0 || b <= long.MaxValue / a ? a * b : long.MaxValue;

    /// <summary>Keeps a number too large for any model too large instead of wrapping it; the model's rules then name the bound.</summary>
    internal static int Int(long value) => (int)Math.Min(value, int.MaxValue);
}
