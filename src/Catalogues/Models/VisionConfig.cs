namespace GpuMem.Catalogues.Models;

/// <summary>The vision part of a multimodal model, roughly: a plain transformer of its width and depth; patches, positions and projector are small beside it.</summary>
internal static class VisionConfig
{
    private const long UsualRatio = 4;

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
}
