using GpuMem.Planning.Serving;
using GpuMem.Serving;

namespace GpuMem.Api.Commands;

/// <summary>What a fix would be on the engine's own command line.</summary>
public static class FixFlags
{
    /// <param name="engine">What serves.</param>
    /// <param name="fix">The change.</param>
    /// <returns>Null where a change of it is no flag of the engine, as another GPU is none, or its value is spelled otherwise there.</returns>
    public static string? Of(InferenceEngine engine, ServerSuggestion fix)
    {
        List<string?> flags = [.. fix.Changes.Select(change => Flag(engine, change.Path) is { } flag ? change.Path == "cudaGraphs" ? flag : $"{flag} {change.Value}" : null)];
        return flags.Contains(null) ? null : string.Join(' ', flags);
    }

    private static string? Flag(InferenceEngine engine, string path) => (engine, path) switch
    {
        (InferenceEngine.VLLM, "tensor") => "--tensor-parallel-size",
        (InferenceEngine.VLLM, "pipeline") => "--pipeline-parallel-size",
        (InferenceEngine.VLLM, "contextLength") => "--max-model-len",
        (InferenceEngine.VLLM, "memoryFraction") => "--gpu-memory-utilization",
        (InferenceEngine.VLLM, "maxBatchedTokens") => "--max-num-batched-tokens",
        (InferenceEngine.VLLM, "maxSequences") => "--max-num-seqs",
        (InferenceEngine.VLLM, "cudaGraphs") => "--enforce-eager",
        (InferenceEngine.SGLang, "tensor") => "--tp",
        (InferenceEngine.SGLang, "pipeline") => "--pp-size",
        (InferenceEngine.SGLang, "contextLength") => "--context-length",
        (InferenceEngine.SGLang, "memoryFraction") => "--mem-fraction-static",
        (InferenceEngine.SGLang, "maxBatchedTokens") => "--chunked-prefill-size",
        (InferenceEngine.SGLang, "maxSequences") => "--cuda-graph-max-bs",
        (InferenceEngine.SGLang, "cudaGraphs") => "--disable-cuda-graph",
        (InferenceEngine.TGI, "tensor") => "--num-shard",
        _ => null,
    };
}
