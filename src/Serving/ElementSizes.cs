namespace GpuMem.Serving;

/// <summary>Bytes per element of the types that serving stores.</summary>
internal static class ElementSizes
{
    public static Ratio Of(DataType type) => Ratio.Whole(type.Bytes());

    public static Ratio Of(KeyValueCacheType type) => type switch
    {
        KeyValueCacheType.FP32 => Ratio.Whole(4),
        KeyValueCacheType.FP8 or KeyValueCacheType.INT8 or KeyValueCacheType.FP8DeepSeek => Ratio.Whole(1),
        KeyValueCacheType.Q8 => new Ratio(34, 32),
        KeyValueCacheType.Q4 => new Ratio(18, 32),
        KeyValueCacheType.NVFP4 => new Ratio(9, 16),
        _ => Ratio.Whole(2),
    };
}
