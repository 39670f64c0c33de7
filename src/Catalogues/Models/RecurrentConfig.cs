using static GpuMem.Catalogues.Models.DecoderConfig;

namespace GpuMem.Catalogues.Models;

/// <summary>Mamba-2 (arXiv 2405.21060) and hybrids of it with attention.</summary>
internal static class RecurrentConfig
{
    // The defaults of huggingface/transformers configuration_mamba2.py and configuration_bamba.py.
    private const long DefaultStateSize = 128;
    private const long DefaultHeadDimension = 64;

    /// <summary>A model of such layers alone: no attention, no feed-forward, one norm per layer.</summary>
    public static ModelArchitecture Read(ConfigFields fields, string name)
    {
        // The files of state-spaces/mamba2 have no model_type, one group and an unpadded vocabulary.
        var original = fields.Text("model_type") is null;
        var hidden = fields.AgreedNumber("hidden_size", "d_model");
        var layers = Int(fields.AgreedNumber("num_hidden_layers", "n_layer"));
        var states = States(fields, hidden, layers, groups: original ? 1 : 8);
        var multiple = Math.Max(1, fields.Number("pad_vocab_size_multiple") ?? 1);
        var vocabulary = fields.RequiredNumber("vocab_size");
        return new ModelArchitecture
        {
            Name = name,
            HiddenSize = hidden,
            Layers = layers,
            AttentionHeads = states.Heads,
            KeyValueHeads = states.Heads,
            HeadDimension = states.HeadDimension,
            FeedForwardSize = 0,
            VocabularySize = Product((vocabulary / multiple) + (vocabulary % multiple > 0 ? 1 : 0), multiple),
            TiedEmbeddings = fields.Flag("tie_word_embeddings", "tie_embeddings") ?? original,
            NormsPerLayer = 1,
            StateSpace = states,
        };
    }

    /// <summary>The recurrent layers of a model whose other layers, listed by index, have attention (Bamba).</summary>
    public static StateSpace ReadHybrid(ConfigFields fields, long hidden, int layers)
    {
        var attention = fields.Numbers("attn_layer_indices")?.Count ?? 0;
        return States(fields, hidden, Math.Max(0, layers - attention), groups: 1);
    }

    private static StateSpace States(ConfigFields fields, long hidden, int layers, long groups)
    {
        var expand = fields.Number("mamba_expand", "expand") ?? 2;
        var inner = Product(expand, hidden);
        var dimension = fields.Number("mamba_d_head", "head_dim") ?? DefaultHeadDimension;
        return new StateSpace
        {
            Layers = layers,
            InnerSize = inner,
            StateSize = Int(fields.Number("mamba_d_state", "state_size") ?? DefaultStateSize),
            Groups = Int(fields.Number("mamba_n_groups", "n_groups") ?? groups),
            ConvolutionSize = Int(fields.Number("mamba_d_conv", "conv_kernel") ?? 4),
            ChunkSize = Int(Math.Max(1, fields.Number("mamba_chunk_size", "chunk_size") ?? 256)),
            Heads = Int(fields.Number("mamba_n_heads", "num_heads") ?? (dimension == 0 ? 0 : inner / dimension)),
            HeadDimension = Int(dimension),
            ConvolutionBias = fields.Flag("mamba_conv_bias", "use_conv_bias") ?? true,
            ProjectionBias = fields.Flag("mamba_proj_bias", "use_bias") ?? false,
        };
    }
}
