using static GpuMem.Catalogues.Models.DecoderConfig;

namespace GpuMem.Catalogues.Models;

/// <summary>BERT and its kin (arXiv 1810.04805): biases everywhere, LayerNorm after each branch, tables of positions and segments, no output matrix.</summary>
internal static class EncoderConfig
{
    public static ModelArchitecture Read(ConfigFields fields, string name)
    {
        // DistilBERT has neither segments nor a pooler.
        var distilled = fields.Text("model_type") == "distilbert";
        var heads = Int(fields.AgreedNumber("num_attention_heads", "n_heads"));
        var hidden = fields.AgreedNumber("hidden_size", "dim");
        if (heads == 0 || hidden % heads != 0)
            throw fields.Refusal($"hidden_size {hidden} cannot be divided by {heads} attention heads; check both numbers");
        return new ModelArchitecture
        {
            Name = name,
            HiddenSize = hidden,
            Layers = Int(fields.AgreedNumber("num_hidden_layers", "n_layers")),
            AttentionHeads = heads,
            KeyValueHeads = heads,
            HeadDimension = Int(hidden / heads),
            FeedForwardSize = fields.RequiredNumber("intermediate_size", "hidden_dim"),
            VocabularySize = fields.RequiredNumber("vocab_size"),
            TiedEmbeddings = true,
            GatedFeedForward = false,
            Normalization = Normalization.LayerNorm,
            QueryKeyValueBias = true,
            AttentionOutputBias = true,
            FeedForwardBias = true,
            LearnedPositions = fields.Number("max_position_embeddings") ?? 512,
            TokenTypes = distilled ? 0 : fields.Number("type_vocab_size") ?? 2,
            EmbeddingNorm = true,
            FinalNorm = false,
            Pooler = !distilled,
            HasCache = false,
            HiddenDropout = fields.Positive("hidden_dropout_prob", "dropout"),
            ScoreDropout = fields.Positive("attention_probs_dropout_prob", "attention_dropout"),
        };
    }
}
