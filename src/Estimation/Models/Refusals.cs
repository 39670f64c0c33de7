namespace GpuMem.Estimation.Models;

/// <summary>Models that are recognised but not sized, with the reason: a wrong size would be worse than none.</summary>
internal static class Refusals
{
    private static readonly HashSet<string> EncoderTypes = new(StringComparer.OrdinalIgnoreCase)
    {
        "bert", "roberta", "xlm-roberta", "distilbert", "electra", "albert", "deberta", "deberta-v2", "modernbert", "t5", "mt5", "umt5", "bart", "mbart", "pegasus", "whisper",
    };

    public const string Experts = "mixture-of-experts models are not covered yet; dense decoders are";

    public const string LatentAttention = "multi-head latent attention is not covered yet; dense decoders with ordinary attention are";

    public const string Encoders = "encoders and encoder-decoders are not covered yet; dense decoders are";

    public const string RecurrentLayers = "models with state-space or recurrent layers are not covered yet; dense decoders are";

    /// <exception cref="ModelFormatException">The model is of a kind that is not covered.</exception>
    public static void Check(ConfigFields fields, string? modelType)
    {
        if ((modelType is not null && EncoderTypes.Contains(modelType)) || fields.Flag("is_encoder_decoder") == true)
            throw fields.Refusal(Encoders);
        if (fields.Number("kv_lora_rank") > 0)
            throw fields.Refusal(LatentAttention);
        if (fields.Number("num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts") > 1)
            throw fields.Refusal(Experts);
        if (fields.Number("state_size", "ssm_state_size", "mamba_d_state") > 0)
            throw fields.Refusal(RecurrentLayers);
        if (fields.Number("word_embed_proj_dim") is { } projected && projected != fields.Number("hidden_size"))
            throw fields.Refusal($"word_embed_proj_dim {projected} differs from hidden_size: projected embeddings are not covered");
    }
}
