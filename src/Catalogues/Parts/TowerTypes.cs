using static GpuMem.Catalogues.Parts.Towers;

namespace GpuMem.Catalogues.Parts;

/// <summary>The table of multimodal <c>model_type</c>s, each with its towers.</summary>
internal static class TowerTypes
{
    private static readonly TowerType Llava = new() { Parts = [In("vision_config", VisionTower), TwoLayers(VisionWidth, TextWidth, s => s.Is("multimodal_projector_bias", true))] };

    /// <summary>Qwen's picture tower: positions learned or rotary, patches of two pictures of a film (arXiv 2409.12191).</summary>
    private static readonly TowerType Qwen3Vl = new()
    {
        Parts =
        [
            In(
                "vision_config",
                Patches(frames: s => s.Fields.Number("temporal_patch_size") ?? 2), Ends.Table(s => s.Or0("num_position_embeddings")), Blocks(), Merger(),
                (s, c) =>
                {
                    foreach (var _ in s.Fields.Numbers("deepstack_visual_indexes") ?? [])
                        Merger(wideNorm: true)(s, c);
                }),
        ],
    };

    public static readonly Dictionary<string, TowerType> Types = new(StringComparer.OrdinalIgnoreCase)
    {
        ["llava"] = Llava,
        ["qwen3_vl"] = Qwen3Vl,
        ["qwen3_vl_moe"] = Qwen3Vl,
        ["qwen3_5"] = Qwen3Vl,
        ["qwen3_5_moe"] = Qwen3Vl,
        ["gemma3"] = new()
        {
            Parts = [In("vision_config", Siglip()), Linear(VisionWidth, TextWidth, bias: false), (s, c) => c.Vector(VisionWidth(s))],
        },
        ["gemma4"] = new() { Parts = [] },
        ["gemma4_unified"] = new() { Parts = [] },
    };

    public static TowerType? Find(string? modelType) => modelType is not null && Types.TryGetValue(modelType, out var type) ? type : null;

    /// <summary>The tower that the nested configuration's own type names.</summary>
    private static void VisionTower(LayerScope scope, PartCount count)
    {
        Part[] parts = scope.Fields.Text("model_type") switch
        {
            "siglip_vision_model" => Siglip(),
            _ => Clip,
        };
        foreach (var part in parts)
            part(scope, count);
    }
}
