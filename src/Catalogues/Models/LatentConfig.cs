using static GpuMem.Catalogues.Models.DecoderConfig;

namespace GpuMem.Catalogues.Models;

/// <summary>Latent attention as DeepSeek's <c>config.json</c> describes it.</summary>
internal static class LatentConfig
{
    /// <returns>Null for ordinary attention.</returns>
    public static LatentAttention? Read(ConfigFields fields)
    {
        if (fields.Number("kv_lora_rank") is not ({ } rank and > 0))
            return null;

        // Each head makes keys and values of its own out of the narrow vector, whatever is stated here (DeepSeek's and Kimi's files repeat the heads).
        _ = fields.Number("num_key_value_heads");
        return new LatentAttention
        {
            QueryRank = Int(fields.Number("q_lora_rank") ?? 0),
            KeyValueRank = Int(rank),
            PlainHeadDimension = Int(fields.RequiredNumber("qk_nope_head_dim")),
            RotaryHeadDimension = Int(fields.RequiredNumber("qk_rope_head_dim")),
            ValueHeadDimension = Int(fields.RequiredNumber("v_head_dim")),
        };
    }
}
