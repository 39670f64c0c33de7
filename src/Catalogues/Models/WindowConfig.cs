namespace GpuMem.Catalogues.Models;

/// <summary>Which layers attend to a window: said layer by layer in newer files, by a step or by the model type in older ones.</summary>
internal static class WindowConfig
{
    /// <returns>Null when every layer attends to the whole sequence.</returns>
    public static SlidingWindow? Read(ConfigFields fields, ModelFamily family, int layers)
    {
        // Qwen states a window and says beside it that it is off.
        var off = fields.Flag("use_sliding_window") == false;
        if (off || (fields.Number("sliding_window") ?? (fields.Has("layer_types") || fields.Has("sliding_window") ? null : family.WindowTokens)) is not ({ } tokens and > 0))
            return null;
        var local = fields.Texts("layer_types") is { } types
            ? types.Count(type => type == "sliding_attention")
            : LocalLayers(fields, family, layers);
        return local == 0 ? null : new SlidingWindow(tokens, Math.Min(local, layers));
    }

    private static int LocalLayers(ConfigFields fields, ModelFamily family, int layers)
    {
        if (fields.Flag("use_sliding_window") == true && fields.Number("max_window_layers") is { } first)
            return (int)Math.Max(0, layers - first);

        // Without a rule every layer is taken to cache the whole sequence, which no model exceeds.
        return (fields.Number("sliding_window_pattern") ?? family.GlobalLayerStep) switch
        {
            null => 0,
            0 => layers,
            { } step => layers - (int)(layers / step),
        };
    }
}
