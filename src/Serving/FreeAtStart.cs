using GpuMem.Serving.Engines;

namespace GpuMem.Serving;

/// <summary>What an engine wants to find free on a GPU before it loads anything, and what its own context leaves.</summary>
public static class FreeAtStart
{
    /// <summary>
    /// Bytes that its context takes at least when vLLM looks. Its logs say "Free memory on device (21.84/22.03 GiB) on startup" of an L4, 78.84 of 79.25 of an
    /// A100, 23.05 of 23.56 of an RTX 4090 and 78.66 of 79.19 of an H100: the fewer multiprocessors, the less.
    /// </summary>
    internal const long LeastContext = Bytes.PerGiB * 19 / 100;

    /// <summary>Null where the engine does not look.</summary>
    /// <param name="gpuMemory">Memory that a process can see on each GPU.</param>
    public static Bytes? Wanted(InferenceSpec spec, Bytes gpuMemory) =>
        spec.Engine is InferenceEngine.VLLM or InferenceEngine.KAITO && Vllm.WantedFree(spec, gpuMemory.Value) is { } wanted ? new Bytes(wanted) : null;

    /// <summary>What is free at the most on a GPU of its own: with less than it wants, the engine ends.</summary>
    public static Bytes Most(Bytes gpuMemory) => new(Math.Max(0, gpuMemory.Value - LeastContext));

    /// <summary>
    /// Beside vLLM's share there is room for its context and, in releases that do not hold graphs against the share, for those (vllm-project/vllm#11251: at 0.95 of
    /// 15.77 GiB capturing runs out of memory, at 0.9 it does not).
    /// </summary>
    public static bool LeavesRoomBesideShare(InferenceSpec spec, Bytes gpuMemory)
    {
        if (!spec.RunsVllm || spec.CacheMemory is not null)
            return true;
        var graphs = Vllm.Of(spec).ChargesGraphs ? 0 : EngineOverheads.CudaGraphs(spec).Expected;
        return gpuMemory.Value - EngineBudget.Share(Vllm.Fraction(spec), gpuMemory.Value) >= ProcessOverhead.CudaContext.Expected + graphs;
    }

    /// <summary>What is free for all we know of contexts.</summary>
    public static Bytes Surely(Bytes gpuMemory) => new(Math.Max(0, gpuMemory.Value - ProcessOverhead.CudaContext.Expected));
}
