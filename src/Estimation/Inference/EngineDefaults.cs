namespace GpuMem.Estimation.Inference;

/// <summary>Defaults that engines choose by the GPU they find.</summary>
public static class EngineDefaults
{
    private const long Small = 2048;
    private const long Large = 8192;
    private static readonly Bytes LargeGpu = Bytes.FromGiB(70);

    /// <summary>Share of the GPU that an engine claims at start whatever else is on it (vLLM gpu_memory_utilization); null for those that take of what is free.</summary>
    public static decimal? MemoryFraction(InferenceEngine engine) => engine == InferenceEngine.VLLM ? EngineBudget.VllmFraction : null;

    /// <summary>Tokens of one forward pass: vLLM takes more on GPUs of 70 GiB and above, A100 excepted (vllm/engine/arg_utils.py).</summary>
    public static long MaxBatchedTokens(string gpu, Bytes usableMemory) =>
        usableMemory >= LargeGpu && !gpu.Contains("A100", StringComparison.OrdinalIgnoreCase) ? Large : Small;
}
