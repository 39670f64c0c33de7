using GpuMem.Serving.Engines;

namespace GpuMem.Serving;

/// <summary>How many bytes of a GPU an engine gives to its cache.</summary>
internal static class EngineBudget
{
    // Of what is free after loading (TensorRT-LLM kv_cache_free_gpu_memory_fraction; TGI likewise).
    private const decimal FreeFraction = 0.90m;

    /// <returns>Bytes of one rank's cache; negative when not even the rest fits.</returns>
    public static long ForCache(InferenceSpec spec, in ServedMemory memory, long total)
    {
        checked
        {
            return spec.Engine switch
            {
                InferenceEngine.VLLM or InferenceEngine.KAITO => Vllm.ForCache(spec, memory, total),
                InferenceEngine.SGLang => SgLang.Static(spec, total) - memory.Loaded - memory.Cache.StatePool,
                InferenceEngine.TGI or InferenceEngine.TensorRTLLM => Share(spec.MemoryFraction ?? FreeFraction, total - memory.BesideCache),
                InferenceEngine.LlamaCpp => total - memory.BesideCache - LlamaCpp.Margin,
                _ => total - memory.BesideCache,
            };
        }
    }

    public static long Share(decimal fraction, long total) => (long)decimal.Floor(fraction * total);
}
