using GpuMem.Serving.Engines;

namespace GpuMem.Serving;

/// <summary>Defaults that engines choose by the GPU they find.</summary>
public static class EngineDefaults
{
    /// <summary>Slots of llama.cpp's server where nobody says how many; they share one context (tools/server/server.cpp, n_parallel below 0).</summary>
    public const long LlamaCppSlots = 4;

    private static readonly Bytes Large = Bytes.FromGiB(70);
    private static readonly Bytes Largest = Bytes.FromGiB(160);
    private static readonly string[] A10 = ["A10"];

    // Of compute capability below 7.5, for which transformers has no kernels of MXFP4 (quantizers/quantizer_mxfp4.py, validate_environment).
    private static readonly string[] BeforeTuring = ["V100", "V100S", "P100", "P40", "P4", "M60", "K80"];

    /// <summary>The spec with what its engine chooses on a GPU, where nothing is stated.</summary>
    /// <param name="spec">What is served.</param>
    /// <param name="gpu">The name of the GPU.</param>
    /// <param name="memory">What a process can see of it.</param>
    /// <param name="statesTokens"><see cref="InferenceSpec.MaxBatchedTokens"/> is the user's.</param>
    /// <param name="statesSequences"><see cref="InferenceSpec.MaxSequences"/> is.</param>
    public static InferenceSpec On(InferenceSpec spec, string gpu, Bytes memory, bool statesTokens, bool statesSequences)
    {
        var (tokens, sequences) = spec.Engine switch
        {
            InferenceEngine.SGLang => SgLang.Defaults(spec.Tensor, memory),
            _ => OfVllm(spec, gpu, memory),
        };
        return spec with
        {
            MaxBatchedTokens = statesTokens ? spec.MaxBatchedTokens : tokens,
            MaxSequences = statesSequences ? spec.MaxSequences : sequences,

            // kaito pkg/model/interface.go.
            MemoryFraction = spec.MemoryFraction ?? (spec.Engine == InferenceEngine.KAITO && IsOneOf(gpu, A10) ? 0.82m : null),
            ExpandsMxfp4 = spec.Engine == InferenceEngine.HuggingFace && IsOneOf(gpu, BeforeTuring),
        };
    }

    /// <summary>Share of the GPU that an engine claims at start whatever else is on it (vLLM gpu_memory_utilization); null for those that take of what is free.</summary>
    public static decimal? MemoryFraction(InferenceSpec spec) => spec.Engine is InferenceEngine.VLLM or InferenceEngine.KAITO ? Vllm.Fraction(spec) : null;

    /// <summary>By a name such as NVIDIA A10 24GB or NVIDIA-A10; the A100 and A10G are others.</summary>
    private static bool IsOneOf(string gpu, string[] cards) => gpu.Split(' ', '-').Intersect(cards, StringComparer.OrdinalIgnoreCase).Any();

    /// <summary>Tokens and sequences of one forward pass: more on larger cards, the A100 excepted (vllm/engine/arg_utils.py).</summary>
    private static (long Tokens, long Sequences) OfVllm(InferenceSpec spec, string gpu, Bytes memory)
    {
        if (memory < Large || gpu.Contains("A100", StringComparison.OrdinalIgnoreCase))
            return (2048, 256);
        return memory >= Largest && Vllm.Of(spec).HasLargestTier ? (16_384, 1024) : (8192, 1024);
    }
}
