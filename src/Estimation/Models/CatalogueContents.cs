using System.Text.Json;

namespace GpuMem.Estimation.Models;

/// <summary>The built-in models, indexed by every name under which they are found.</summary>
internal sealed class CatalogueContents
{
    public required IReadOnlyList<ModelArchitecture> Models { get; init; }

    public required IReadOnlyDictionary<string, ModelArchitecture> ByKey { get; init; }

    /// <summary>Models that are known but not covered, with the reason.</summary>
    public required IReadOnlyDictionary<string, string> Refused { get; init; }

    public static CatalogueContents Load()
    {
        using var document = JsonDocument.Parse(Resource("models.json"));
        var models = new List<ModelArchitecture>();
        var byKey = new Dictionary<string, ModelArchitecture>();
        var refused = new Dictionary<string, string>();
        foreach (var entry in document.RootElement.EnumerateArray())
        {
            string[] names = [entry.GetProperty("hf_id").GetString()!, entry.GetProperty("name").GetString()!];
            var fields = new ConfigFields(entry.GetProperty("config"), names[0]);
            if (Refusal(entry, fields) is { } reason)
            {
                foreach (var key in names.SelectMany(ModelName.Keys))
                    refused.TryAdd(key, reason);
                continue;
            }

            var model = Read(fields, names[0], entry.GetProperty("model_type").GetString()!);
            models.Add(model);
            foreach (var key in names.SelectMany(ModelName.Keys))
                byKey.TryAdd(key, model);
        }

        return new CatalogueContents { Models = models, ByKey = byKey, Refused = refused };
    }

    internal static Stream Resource(string name) => typeof(CatalogueContents).Assembly.GetManifestResourceStream(name)!;

    private static string? Refusal(JsonElement entry, ConfigFields fields)
    {
        if (entry.GetProperty("arch").GetString() != "decoder")
            return Refusals.Encoders;
        if (fields.Text("attention") == "mla")
            return Refusals.LatentAttention;
        return fields.Number("num_experts") > 0 ? Refusals.Experts : null;
    }

    private static ModelArchitecture Read(ConfigFields fields, string name, string modelType) => new()
    {
        Name = name,
        HiddenSize = fields.RequiredNumber("hidden_size"),
        Layers = (int)fields.RequiredNumber("num_hidden_layers"),
        AttentionHeads = (int)fields.RequiredNumber("num_attention_heads"),
        KeyValueHeads = (int)fields.RequiredNumber("num_key_value_heads"),
        HeadDimension = (int)fields.RequiredNumber("head_dim"),
        FeedForwardSize = fields.RequiredNumber("intermediate_size"),
        VocabularySize = fields.RequiredNumber("vocab_size"),
        TiedEmbeddings = fields.Flag("tie_word_embeddings") ?? false,
        GatedFeedForward = fields.Flag("gated_mlp") ?? true,
        Normalization = fields.Text("norm") == "layernorm" ? Normalization.LayerNorm : Normalization.RMSNorm,
        NormsPerLayer = (int)fields.RequiredNumber("norms_per_layer"),
        QueryKeyValueBias = fields.Flag("attention_bias_qkv") ?? false,
        AttentionOutputBias = fields.Flag("attention_bias_o") ?? false,
        FeedForwardBias = fields.Flag("mlp_bias") ?? false,
        HeadBias = fields.Flag("lm_head_bias") ?? false,
        QueryKeyNormalization = fields.Text("qk_norm") == "head" ? QueryKeyNormalization.PerHead : QueryKeyNormalization.None,
        LearnedPositions = fields.Number("learned_positions") ?? 0,
        EmbeddingNorm = fields.Number("embedding_norm") > 0,
        LogitSoftcapping = modelType == "gemma2",
    };
}
