namespace GpuMem.Serving.Engines;

/// <summary>vLLM, release by release: what it takes of a GPU and what it holds against that before it fills the rest with cache.</summary>
internal static class Vllm
{
    /// <summary>Releases that were read or whose logs were, the oldest first.</summary>
    public static readonly VllmRelease[] Releases =
    [
        new("0.8") { Marlin = true, TakesWhatIsThere = true },
        new("0.9.1") { Marlin = true },
        new("0.11"),

        // Logs of 0.19: a sampler without sorting.
        new("0.19") { SampledHalfBytes = 30 },

        // vllm/envs.py has VLLM_MEMORY_PROFILER_ESTIMATE_CUDAGRAPHS on and vllm/config/cache.py gpu_memory_utilization 0.92 at the tag v0.20.0, and
        // neither at v0.19.1; the log that says "default since v0.21.0" is a release late.
        new("0.20") { SampledHalfBytes = 30, ChargesGraphs = true, Fraction = 0.92m },

        // vllm/v1/core, MambaSpec: prefix caching of hybrid models is on and aligns states; arg_utils.py has a tier of its own for 160 GiB.
        new("0.28") { SampledHalfBytes = 30, ChargesGraphs = true, Fraction = 0.92m, CachesStates = true, HasLargestTier = true },
    ];

    public static VllmRelease Of(InferenceSpec spec) => spec.EngineVersion is { } version ? Releases[EngineVersions.Floor(Numbers, version)] : Releases[^1];

    /// <summary>
    /// Pages of each layer's state that a sequence holds: one, one for each token that may yet be rejected, and with prefix caching the one before
    /// (vllm/v1/kv_cache_interface.py, MambaSpec.max_memory_usage_bytes).
    /// </summary>
    public static long StatePages(InferenceSpec spec) => 1L + spec.Proposed + ((spec.PrefixCaching ?? Of(spec).CachesStates) ? 1 : 0);

    public static string[] Numbers { get; } = [.. Releases.Select(release => release.Number)];

    /// <summary>KAITO starts vLLM with a share of its own (kaito pkg/model/interface.go: 0.84, and 0.82 on the A10).</summary>
    public static decimal Fraction(InferenceSpec spec) => spec.MemoryFraction ?? (spec.Engine == InferenceEngine.KAITO ? 0.84m : Of(spec).Fraction);

    /// <summary>
    /// What must be free when the context is there; null of releases that do not look. Since 0.9.1 it is the whole share (vllm/v1/worker/gpu_worker.py,
    /// init_device), while of before there are logs of 0.99 of 24 GB (vllm-project/vllm#14447).
    /// </summary>
    public static long? WantedFree(InferenceSpec spec, long total) => Of(spec).TakesWhatIsThere ? null : EngineBudget.Share(Fraction(spec), total);

    /// <returns>Bytes of the cache; negative where vLLM does not start.</returns>
    public static long ForCache(InferenceSpec spec, in ServedMemory memory, long total)
    {
        var share = EngineBudget.Share(Fraction(spec), total);
        if (WantedFree(spec, total) > total - FreeAtStart.LeastContext)
            return -1;

        // A stated size is taken as it is, whatever the profile run would leave (vllm/v1/worker/gpu_worker.py, kv_cache_memory_bytes).
        if (spec.CacheMemory is { } stated)
            return stated.Value <= total - memory.BesideCache ? stated.Value : -1;
        return checked(share - BesideCache(spec, memory));
    }

    /// <summary>
    /// These releases want room in each stage of a pipeline for one sequence's cache of all layers, not of its own, and end without
    /// (vllm-project/vllm#33698; #32105: 71.16 GiB of 92 layers are wanted of each of eight stages). What they hold is counted by the stage's own layers.
    /// </summary>
    public static bool WantsAllLayers(InferenceSpec spec) => spec is { RunsVllm: true, Pipeline: > 1, EngineVersion: { } version }
        && TrainerVersions.Compare(version, "0.14") >= 0 && TrainerVersions.Compare(version, "0.16") < 0;

    /// <summary>
    /// The profile run counts what torch allocates, and what the process takes beside that after its context was made: the context itself is not held
    /// against the share (vllm/v1/worker/gpu_worker.py, determine_available_memory).
    /// </summary>
    private static long BesideCache(InferenceSpec spec, in ServedMemory memory) => checked(
        memory.Engine + OutsideTorch(spec) + (Of(spec).ChargesGraphs && spec.CudaGraphs ? FittedBytes.VllmGraph * GraphSizes(spec.MaxSequences) : 0));

    /// <summary>Batch sizes of which graphs are captured: 1, 2, 4, by eights to 256, by sixteens to twice the sequences or 512 (vllm/config/vllm.py).</summary>
    public static long GraphSizes(long sequences)
    {
        var most = Math.Min(512, 2 * Math.Min(sequences, 512));
        var small = most >= 4 ? 3 : most;
        return small + (Math.Min(most, 248) / 8) + Math.Max(0, (most - 240) / 16);
    }

    // Workspaces of libraries, as logs of 0.19 have them; and one communicator, as torch's own is not used before requests come.
    private static long OutsideTorch(InferenceSpec spec) => (Bytes.PerGiB / 4) + (spec.Tensor * spec.Pipeline > 1 ? ProcessOverhead.PerCommunicator.Expected : 0);

    /// <summary>The first release that has a format; null when every one has that is known.</summary>
    public static string? First(QuantizationScheme? scheme) => scheme switch
    {
        // vllm/model_executor/layers/quantization: modelopt_fp4 came with 0.9, mxfp4 with gpt-oss in 0.10.1.
        QuantizationScheme.NVFP4 => "0.9",
        QuantizationScheme.MXFP4 => "0.10.1",
        _ => null,
    };

    /// <summary>As <see cref="First(QuantizationScheme?)"/>, of the cache: fp8_ds_mla came with DeepSeek-V3.2 (vllm pull request 25896).</summary>
    public static string? First(KeyValueCacheType type) => type == KeyValueCacheType.FP8DeepSeek ? "0.11" : null;
}

/// <summary>What one release of vLLM does.</summary>
/// <param name="Number">Its first numbers.</param>
internal sealed record VllmRelease(string Number)
{
    /// <summary>Default of gpu_memory_utilization.</summary>
    public decimal Fraction { get; init; } = 0.9m;

    /// <summary>
    /// Half bytes of each logit of a sampled sequence in the profile run: with a sort, which torch makes of indices of eight bytes, logs of late 2025
    /// say 38.5 B.
    /// </summary>
    public int SampledHalfBytes { get; init; } = 77;

    /// <summary>CUDA graphs are held against the share.</summary>
    public bool ChargesGraphs { get; init; }

    /// <summary>It does not look at start whether its share is free.</summary>
    public bool TakesWhatIsThere { get; init; }

    /// <summary>MXFP4 experts run on Marlin, whose tiles are wider than Triton's.</summary>
    public bool Marlin { get; init; }

    /// <summary>Prefix caching is on by default where layers keep states.</summary>
    public bool CachesStates { get; init; }

    /// <summary>Cards of 160 GiB and above have defaults of their own.</summary>
    public bool HasLargestTier { get; init; }
}
