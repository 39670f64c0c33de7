using static GpuMem.Catalogues.Models.DecoderConfig;

namespace GpuMem.Catalogues.Models;

/// <summary>The experts that a <c>config.json</c> describes, under the names of Mixtral, Qwen, DeepSeek, gpt-oss and Llama 4.</summary>
internal static class ExpertConfig
{
    /// <returns>Null for a dense model.</returns>
    public static MixtureOfExperts? Read(ConfigFields fields, ModelFamily family, string? modelType)
    {
        if (fields.Number("num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts") is not ({ } count and > 1))
            return null;
        var size = fields.Number("moe_intermediate_size") ?? fields.RequiredNumber("intermediate_size", "moe_intermediate_size");
        return new MixtureOfExperts
        {
            Count = Int(count),
            ActivePerToken = Int(fields.RequiredNumber("num_experts_per_tok", "experts_per_token", "num_experts_per_token", "moe_k", "moe_topk")),
            ExpertSize = size,
            SharedSize = Shared(fields, modelType, size),
            SharedGate = family.SharedGate,
            RouterBias = family.RouterBias || fields.Text("topk_method") == "noaux_tc",
            ExpertBias = family.ExpertBias,
            ClampsGate = family.ClampsGate,
            PassesAll = modelType == "llama4_text",
            DenseLayers = Int(fields.Number("first_k_dense_replace") ?? LeadingDense(fields)),
            LayerStep = Int(fields.Numbers("moe_layer_freq") is null ? fields.Number("decoder_sparse_step", "interleave_moe_layer_step", "moe_layer_freq") ?? 1 : 1),
        };
    }

    private static long Shared(ConfigFields fields, string? modelType, long size)
    {
        if (modelType == "llama4_text")
            return size;
        var experts = fields.Number("n_shared_experts", "num_shared_experts", "moe_num_shared_experts") ?? 0;
        return fields.Number("shared_expert_intermediate_size") ?? Product(experts, size);
    }

    /// <summary>Layers are listed one by one: the dense ones by index, or a 0 for each. They are the first in all published models; others count as if they were.</summary>
    private static long LeadingDense(ConfigFields fields) =>
        fields.Numbers("mlp_only_layers")?.Count ?? fields.Numbers("moe_layer_freq")?.Count(frequency => frequency == 0) ?? 0;
}
