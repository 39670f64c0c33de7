namespace GpuMem.Catalogues.Models;

/// <summary>What model classes call the linear layers of each part, after the number of the layer.</summary>
internal static class ModuleNames
{
    private static readonly string[] FeedForwards = ["mlp", "ffn", "feed_forward"];
    private static readonly string[] Matrices = ["gate_proj", "up_proj", "down_proj"];

    // Each with what latent attention has in its place.
    private static readonly string[][] Projections = [["q_proj", "q_a_proj", "q_b_proj", "wq_a"], ["k_proj", "kv_a_proj_with_mqa", "wkv"], ["v_proj", "kv_b_proj"], ["o_proj", "wo_a"]];

    /// <summary>A part, and for each of its modules every name that classes give it.</summary>
    public static IReadOnlyList<(ModelPart Part, string[][] Modules)> InLayers(ModelArchitecture model, string? modelType)
    {
        // Gemma 4 has its experts beside a dense feed-forward, not in its place (transformers models/gemma4).
        var owners = modelType?.StartsWith("gemma4", StringComparison.Ordinal) == true ? ["", "moe."] : FeedForwards.Append("block_sparse_moe").Append("mixer").Select(name => name + ".").ToArray();
        var parts = new List<(ModelPart, string[][])>
        {
            (ModelPart.Attention, [.. Projections.Select(names => Of(["self_attn.", "attn.", "attention."], names, together: true)[0])]),
            (ModelPart.FeedForward, Of([.. FeedForwards.Select(name => name + ".")], Matrices)),
        };
        if (model.Experts is { } experts)
        {
            parts.Add((ModelPart.RoutedExperts, Of([.. owners.Select(owner => owner + "experts.0."), .. owners.Select(owner => owner + "experts.")], Matrices)));
            parts.Add((ModelPart.Router, Of(owners, ["gate", "router"], together: true)));
            if (experts.SharedSize > 0)
                parts.Add((ModelPart.SharedExperts, Of([.. owners.Select(owner => owner + "shared_experts."), .. owners.Select(owner => owner + "shared_expert.")], Matrices)));
        }

        if (model.StateSpace is not null || model.Parts?.Layers.Any(layer => layer.IsRecurrent) == true)
            parts.Add((ModelPart.Recurrence, Of(["mamba.", "mixer.", "linear_attn."], ["in_proj", "out_proj"])));
        return parts;
    }

    /// <summary>Parts that lie before, after or beside the layers.</summary>
    public static IReadOnlyList<(ModelPart Part, string[][] Modules)> Elsewhere { get; } =
    [
        (ModelPart.Head, [["lm_head", "head", "output"]]),
        (ModelPart.Embedding, [["embed_tokens", "wte", "tok_embeddings"]]),
        (ModelPart.Vision, [["visual.blocks.0.attn", "vision_tower.encoder.layers", "vision_model.encoder", "model.visual.blocks"]]),
        (ModelPart.Prediction, [["mtp.layers", "mtp.fc"]]),
    ];

    private static string[][] Of(string[] owners, string[] modules, bool together = false) => together
        ? [[.. owners.SelectMany(owner => modules.Select(module => owner + module))]]
        : [.. modules.Select(module => owners.Select(owner => owner + module).ToArray())];
}
