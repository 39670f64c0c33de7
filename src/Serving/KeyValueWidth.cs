namespace GpuMem.Serving;

/// <summary>Bytes that one token adds to the cache of one layer on one rank.</summary>
internal static class KeyValueWidth
{
    // vLLM's fp8_ds_mla: elements per fp32 scale.
    private const int ScaledElements = 128;

    public static long Of(ModelArchitecture model, in RankShape shape, InferenceSpec spec)
    {
        checked
        {
            var size = ElementSizes.Of(spec.KvCacheDtype);
            if (model.Latent is not { } latent)
            {
                var scaled = spec.CacheScalesPerTokenHead ?? spec is { KvCacheDtype: KeyValueCacheType.INT8, Engine: InferenceEngine.HuggingFace };
                var scales = scaled ? 2 * (shape.KeyValue / model.HeadDimension) * sizeof(float) : 0;
                return size.Of(shape.KeyValue) + ElementSizes.Of(spec.ValueCacheDtype ?? spec.KvCacheDtype).Of(shape.KeyValue) + scales;
            }

            // transformers caches keys and values of every head; engines the one narrow vector, on each rank whole (arXiv 2405.04434, section 2.1).
            if (spec.Engine == InferenceEngine.HuggingFace)
                return size.Of(shape.Query) + size.Of(shape.AttentionOutput);
            return spec.KvCacheDtype == KeyValueCacheType.FP8DeepSeek
                ? latent.KeyValueRank + (Ratio.DivideUp(latent.KeyValueRank, ScaledElements) * sizeof(float)) + (2L * latent.RotaryHeadDimension)
                : size.Of(latent.CachedWidth);
        }
    }
}
