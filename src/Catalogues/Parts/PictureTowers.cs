using GpuMem.Catalogues.Models;
using GpuMem.Estimation.Models;

namespace GpuMem.Catalogues.Parts;

/// <summary>The towers for pictures whose forward pass is known, by the <c>model_type</c> of the whole model.</summary>
internal static class PictureTowers
{
    private const long Colours = 3;

    // What the preprocessors of Qwen's models leave of a picture: 28² · 16,384 and 32² · 16,384 pixels (preprocessor_config.json, max_pixels and size.longest_edge).
    private const long QwenTokens = 16_384;

    /// <returns>Null where the type has none, or one whose pass is not known.</returns>
    public static PictureTower? Of(string? modelType, ConfigFields whole) => whole.Part("vision_config")?.UpTo(ModelLimits.MaxWidth) is not { } tower ? null : modelType switch
    {
        "qwen2_vl" => Qwen(tower, hidden: "embed_dim", output: "hidden_size") with { FeedForwardSize = (tower.Number("mlp_ratio") ?? 4) * Size(tower, "embed_dim") },
        "qwen2_5_vl" => Qwen(tower, hidden: "hidden_size", output: "out_hidden_size") with { GatedFeedForward = true },
        "qwen3_vl" or "qwen3_vl_moe" or "qwen3_5" or "qwen3_5_moe" => Qwen3(tower),
        "gemma3" => Square(tower, whole) with { LargestPicture = Size(whole, "mm_tokens_per_image") },
        "mistral3" => Square(tower, whole) with { GatedFeedForward = true },
        _ => null,
    };

    private static PictureTower Qwen(ConfigFields tower, string hidden, string output) => new()
    {
        HiddenSize = Size(tower, hidden),
        FeedForwardSize = tower.Number("intermediate_size") ?? 0,
        PatchSize = Patch(tower, Size(tower, "temporal_patch_size")),
        PatchesPerToken = Squared(Size(tower, "spatial_merge_size")),
        OutputSize = Size(tower, output),
        LargestPicture = QwenTokens,
    };

    /// <summary>Some of its layers speak to the language model's first ones, each with vectors of its own (arXiv 2511.21631).</summary>
    private static PictureTower Qwen3(ConfigFields tower) => Qwen(tower, hidden: "hidden_size", output: "out_hidden_size") with
    {
        InterpolatesPositions = true,
        OutputSize = (1 + (tower.Numbers("deepstack_visual_indexes")?.Count ?? 0)) * Size(tower, "out_hidden_size"),
    };

    /// <summary>Pictures are all of one size, or at most of it.</summary>
    private static PictureTower Square(ConfigFields tower, ConfigFields whole)
    {
        var side = Math.Max(1, Size(tower, "image_size") / Size(tower, "patch_size"));
        var joined = whole.Number("mm_tokens_per_image") is > 0 and var tokens ? Math.Max(1, Squared(side) / tokens) : Squared(whole.Number("spatial_merge_size") is > 0 and var merged ? merged : 1);
        return new()
        {
            HiddenSize = Size(tower, "hidden_size"),
            FeedForwardSize = Size(tower, "intermediate_size"),
            PatchSize = Patch(tower, frames: 1),
            PatchesPerToken = joined,
            OutputSize = whole.Part("text_config")?.Number("hidden_size") ?? 0,
            LargestPicture = Math.Max(1, Squared(side) / joined),
        };
    }

    private static long Patch(ConfigFields tower, long frames) => PartCount.Times(Colours, frames, Squared(Size(tower, "patch_size")));

    private static long Squared(long side) => PartCount.Times(side, side);

    /// <summary>At least 1: a tower of nothing has no pass.</summary>
    private static long Size(ConfigFields fields, string name) => Math.Max(1, fields.Number(name) ?? 1);
}
