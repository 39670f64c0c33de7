using static GpuMem.Catalogues.Models.DecoderConfig;

namespace GpuMem.Catalogues.Models;

/// <summary>T5 and its kin (arXiv 1910.10683): an encoder, a decoder with cross-attention, relative positions, no biases.</summary>
internal static class EncoderDecoderConfig
{
    // The defaults of huggingface/transformers configuration_t5.py.
    private const int DefaultBuckets = 32;
    private const int DefaultHeadDimension = 64;

    public static ModelArchitecture Read(ConfigFields fields, string name)
    {
        var projection = fields.Text("feed_forward_proj") ?? "relu";
        var encoder = fields.RequiredNumber("num_layers");
        return new ModelArchitecture
        {
            Name = name,
            HiddenSize = fields.RequiredNumber("d_model"),
            Layers = Int(fields.Number("num_decoder_layers") ?? encoder),
            EncoderLayers = Int(encoder),
            AttentionHeads = Int(fields.RequiredNumber("num_heads")),
            KeyValueHeads = Int(fields.RequiredNumber("num_heads")),
            HeadDimension = Int(fields.Number("d_kv") ?? DefaultHeadDimension),
            FeedForwardSize = fields.RequiredNumber("d_ff"),
            VocabularySize = fields.RequiredNumber("vocab_size"),
            TiedEmbeddings = fields.Flag("tie_word_embeddings") ?? fields.Text("model_type") == "t5",
            GatedFeedForward = fields.Flag("gated_mlp") ?? projection.StartsWith("gated", StringComparison.Ordinal),
            RelativePositionBuckets = Int(fields.Number("relative_attention_num_buckets") ?? DefaultBuckets),
            HiddenDropout = fields.Positive("dropout_rate"),
            ScoreDropout = fields.Positive("dropout_rate"),

            // configuration_t5.py: gated-gelu is the one that is written out in Python.
            Activation = projection switch { "relu" or "gated-relu" => ActivationFunction.ReLU, "gated-gelu" or "gelu_new" => ActivationFunction.Composed, _ => ActivationFunction.OneKernel },
        };
    }
}
