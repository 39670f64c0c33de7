using GpuMem.Catalogues.Parts;

namespace GpuMem.Catalogues.Models;

/// <summary>The vision part of a multimodal model, roughly: a plain transformer of its width and depth; patches, positions and projector are small beside it.</summary>
internal static class VisionConfig
{
    private const long UsualRatio = 4;

    // Of a ViT-L/14, which stands for what is not said (sglang/srt/server_args.py, adjust_mem_fraction_for_vlm).
    private const long UsualLayers = 24;
    private const long UsualWidth = 1024;

    /// <returns>Parameters; 0 when the part is not described.</returns>
    public static long Read(ConfigFields fields)
    {
        if ((fields.Number("embed_dim", "width", "hidden_size"), fields.Number("depth", "num_hidden_layers", "layers")) is not ({ } hidden, { } layers))
            return 0;
        if (hidden > ModelLimits.MaxHiddenSize || layers > ModelLimits.MaxLayers)
            throw fields.Refusal($"{layers} layers of {hidden} make no vision part; at most {ModelLimits.MaxLayers} of {ModelLimits.MaxHiddenSize} are accepted");
        var width = fields.Number("intermediate_size") ?? UsualRatio * hidden;
        return width <= ModelLimits.MaxWidth
            ? layers * ((4 * hidden * hidden) + (2 * hidden * width))
            : throw fields.Refusal($"intermediate_size {width} is wider than {ModelLimits.MaxWidth}");
    }

    /// <returns>Layers by the square of their width, of the names that SGLang looks for; 0 where there is no such part.</returns>
    public static long Complexity(ConfigFields whole)
    {
        if (whole.Nested("vision_config")?.UpTo(ModelLimits.MaxHiddenSize) is not { } tower)
            return 0;
        var width = tower.Number("hidden_size", "vt_hidden_size") ?? UsualWidth;
        return PartCount.Times(tower.Number("num_hidden_layers", "vt_num_hidden_layers") ?? UsualLayers, width, width);
    }
}
