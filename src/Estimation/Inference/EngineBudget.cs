namespace GpuMem.Estimation.Inference;

/// <summary>How many bytes of a GPU an engine gives to its cache.</summary>
internal static class EngineBudget
{
    // vLLM's default of gpu_memory_utilization; versions before 0.11 had 0.90.
    internal const decimal VllmFraction = 0.92m;

    // Of what is free after loading (TensorRT-LLM kv_cache_free_gpu_memory_fraction; TGI likewise).
    private const decimal FreeFraction = 0.90m;

    private const long LargeGpu = 60 * Bytes.PerGiB;

    /// <returns>Bytes of one rank's cache; negative when not even the rest fits.</returns>
    public static long ForCache(InferenceSpec spec, in ServedMemory memory, long total)
    {
        checked
        {
            return spec.Engine switch
            {
                InferenceEngine.VLLM => Share(spec.MemoryFraction ?? VllmFraction, total) - memory.BesideCache,

                // The static share holds weights and cache; the rest of the process lives in what is set aside.
                InferenceEngine.SGLang => SgLangStatic(spec, total) - memory.Weights,
                InferenceEngine.TGI or InferenceEngine.TensorRTLLM => Share(spec.MemoryFraction ?? FreeFraction, total - memory.BesideCache),
                _ => total - memory.BesideCache,
            };
        }
    }

    /// <summary>What SGLang sets aside by default, in MiB (sglang/srt/server_args.py): a base, chunks of prefill, graphs by batch size, communication.</summary>
    public static long SgLangReservedMiB(InferenceSpec spec, long total)
    {
        checked
        {
            var chunks = Math.Max(spec.MaxBatchedTokens, 2048) * 3 / 2;
            var draft = spec.Draft is not null ? 6144 : spec.PredictionModules ? 2048 : 0;
            var reserved = 512 + chunks + (2 * spec.MaxSequences) + ((long)spec.Tensor * spec.Pipeline * 1024 / 8) + draft;
            return total > LargeGpu ? Math.Max(reserved, 10 * 1024) : reserved;
        }
    }

    private static long SgLangStatic(InferenceSpec spec, long total) =>
        spec.MemoryFraction is { } fraction ? Share(fraction, total) : checked(total - (SgLangReservedMiB(spec, total) * Bytes.PerMiB));

    private static long Share(decimal fraction, long total) => (long)decimal.Floor(fraction * total);
}
