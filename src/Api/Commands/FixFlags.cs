using GpuMem.Planning;
using GpuMem.Planning.Serving;
using GpuMem.Serving;

namespace GpuMem.Api.Commands;

/// <summary>What a fix would be on the engine's own command line.</summary>
public static class FixFlags
{
    /// <param name="engine">What serves.</param>
    /// <param name="fix">The change.</param>
    /// <returns>Null where a change of it is no flag of the engine, as another GPU is none.</returns>
    public static string? Of(InferenceEngine engine, ServerSuggestion fix)
    {
        List<string?> flags = [.. fix.Changes.SelectMany(change => engine == InferenceEngine.LlamaCpp ? OfLlamaCpp(change.Path, fix.Result) : [Flag(engine, change)]).Distinct()];
        return flags.Contains(null) ? null : string.Join(' ', flags);
    }

    private static string? Flag(InferenceEngine engine, Change change) => (engine, change.Path) switch
    {
        (InferenceEngine.VLLM, "tensor") => $"--tensor-parallel-size {change.Value}",
        (InferenceEngine.VLLM, "pipeline") => $"--pipeline-parallel-size {change.Value}",
        (InferenceEngine.VLLM, "contextLength") => $"--max-model-len {change.Value}",
        (InferenceEngine.VLLM, "memoryFraction") => $"--gpu-memory-utilization {change.Value}",
        (InferenceEngine.VLLM, "maxBatchedTokens") => $"--max-num-batched-tokens {change.Value}",
        (InferenceEngine.VLLM, "maxSequences") => $"--max-num-seqs {change.Value}",
        (InferenceEngine.VLLM, "cudaGraphs") => "--enforce-eager",
        (InferenceEngine.VLLM, "cacheType") => "--kv-cache-dtype fp8",
        (InferenceEngine.SGLang, "tensor") => $"--tp {change.Value}",
        (InferenceEngine.SGLang, "pipeline") => $"--pp-size {change.Value}",
        (InferenceEngine.SGLang, "contextLength") => $"--context-length {change.Value}",
        (InferenceEngine.SGLang, "memoryFraction") => $"--mem-fraction-static {change.Value}",
        (InferenceEngine.SGLang, "maxBatchedTokens") => $"--chunked-prefill-size {change.Value}",
        (InferenceEngine.SGLang, "maxSequences") => $"--cuda-graph-max-bs {change.Value}",
        (InferenceEngine.SGLang, "cudaGraphs") => "--disable-cuda-graph",
        (InferenceEngine.SGLang, "cacheType") => "--kv-cache-dtype fp8_e4m3",
        (InferenceEngine.TGI, "tensor") => $"--num-shard {change.Value}",
        (InferenceEngine.TGI, "contextLength") => $"--max-total-tokens {change.Value}",
        (InferenceEngine.TGI, "memoryFraction") => $"--cuda-memory-fraction {change.Value}",
        (InferenceEngine.TGI, "maxBatchedTokens") => $"--max-batch-prefill-tokens {change.Value}",
        (InferenceEngine.TGI, "cacheType") => "--kv-cache-dtype fp8_e4m3fn",
        (InferenceEngine.TensorRTLLM, "tensor") => $"--tp_size {change.Value}",
        (InferenceEngine.TensorRTLLM, "pipeline") => $"--pp_size {change.Value}",
        (InferenceEngine.TensorRTLLM, "contextLength") => $"--max_seq_len {change.Value}",
        (InferenceEngine.TensorRTLLM, "memoryFraction") => $"--kv_cache_free_gpu_memory_fraction {change.Value}",
        (InferenceEngine.TensorRTLLM, "maxBatchedTokens") => $"--max_num_tokens {change.Value}",
        (InferenceEngine.TensorRTLLM, "maxSequences") => $"--max_batch_size {change.Value}",
        _ => null,
    };

    /// <summary>Slots divide its context, each of its two caches has a type of its own, and layers are divided over all GPUs that it sees (--split-mode layer).</summary>
    private static string?[] OfLlamaCpp(string path, ServerCandidate result)
    {
        var context = $"--ctx-size {(result.Spec.InputLength + result.Spec.OutputLength) * result.Spec.Batch}";
        return path switch
        {
            "contextLength" or "inputLength" => [context],
            "sequences" => [$"--parallel {result.Spec.Batch}", context],
            "maxBatchedTokens" => [$"--ubatch-size {result.Spec.MaxBatchedTokens}"],
            "cacheType" or "valueCacheType" => ["--cache-type-k q8_0", "--cache-type-v q8_0"],
            "pipeline" => [$"{result.Pool.ResourceName}: {result.Spec.Pipeline}"],
            _ => [null],
        };
    }
}
