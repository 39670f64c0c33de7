namespace GpuMem.Catalogues.Models;

/// <summary>Models that are recognised but not sized, with the reason: a wrong size would be worse than none.</summary>
internal static class Refusals
{
    private static readonly HashSet<string> EncoderTypes = new(StringComparer.OrdinalIgnoreCase)
    {
        "electra", "albert", "deberta", "deberta-v2", "modernbert", "umt5", "bart", "mbart", "pegasus", "whisper",
    };

    private const string Encoders = "of encoders, BERT, RoBERTa and DistilBERT are covered; of encoder-decoders, T5, mT5 and Flan-T5";

    private const string RecurrentLayers = "of models with state-space, recurrent or linear attention layers, Mamba-2 and Bamba are covered";

    /// <exception cref="ModelFormatException">The model is of a kind that is not covered.</exception>
    public static void Check(ConfigFields fields, string? modelType)
    {
        if ((modelType is not null && EncoderTypes.Contains(modelType)) || fields.Flag("is_encoder_decoder") == true)
            throw fields.Refusal(Encoders);
        var states = modelType == "bamba" ? null : fields.Number("state_size", "ssm_state_size", "mamba_d_state", "linear_num_key_heads", "attention_hidden_size");
        if (states > 0)
            throw fields.Refusal(RecurrentLayers);
        if (fields.Number("word_embed_proj_dim") is { } projected && projected != fields.Number("hidden_size"))
            throw fields.Refusal($"word_embed_proj_dim {projected} differs from hidden_size: projected embeddings are not covered");
    }
}
