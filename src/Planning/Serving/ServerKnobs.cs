using GpuMem.Estimation;
using GpuMem.Serving;
using GpuMem.Estimation.Jobs;
using GpuMem.Planning.Suggestions;

namespace GpuMem.Planning.Serving;

/// <summary>
/// What a user can turn to make an engine start and serve. Each knob gives its steps, the mildest first; steps that make no valid server are left
/// out by the search.
/// </summary>
internal static class ServerKnobs
{
    private const int LargestTensor = 16;

    private const int LargestPipeline = 8;

    private static readonly decimal[] Shares = [0.92m, 0.95m];

    private static readonly long[] PassTokens = [4096, 2048, 1024];

    private static readonly long[] PassSequences = [128, 64, 16];

    // Below four bits answers become noticeably worse (ggml-org/llama.cpp tools/quantize/README.md).
    private static readonly (QuantizationScheme Scheme, int Bits)[] Gguf = [(QuantizationScheme.Q80, 8), (QuantizationScheme.Q6K, 6), (QuantizationScheme.Q5KM, 5), (QuantizationScheme.Q4KM, 4)];

    public static readonly IReadOnlyList<Func<ServerRequest, IReadOnlyList<Pool>, IEnumerable<ServerStep>>> All =
        [Share, Cache, BatchedTokens, MaxSequences, CudaGraphs, Sequences, Context, Draft, Tensor, Pipeline, Quantization];

    /// <summary>Those that change by far the most: without one of them no two of the others help, where none does alone.</summary>
    public static readonly IReadOnlyList<Func<ServerRequest, IReadOnlyList<Pool>, IEnumerable<ServerStep>>> Large = [Tensor, Quantization, Cache];

    /// <summary>Lower beside a neighbour, or where its own context leaves too little, so that the engine starts at all; higher where it was set low.</summary>
    public static IEnumerable<ServerStep> Share(ServerRequest request, IReadOnlyList<Pool> pools)
    {
        if ((request.Spec.MemoryFraction ?? EngineDefaults.MemoryFraction(request.Spec)) is not { } now)
            yield break;
        var seen = pools.Select(pool => ServingRule.Seen(pool, request.OccupiedMemory)).OfType<(Bytes Memory, Bytes Occupied)>().ToList();
        if (seen.Exists(gpu => gpu.Occupied > Bytes.Zero || !ServingRule.StartsForSure(request.Spec, gpu.Memory, gpu.Occupied)))
        {
            var free = seen.Select(gpu => ServingRule.FreeShare(gpu.Memory, gpu.Occupied));
            foreach (var share in free.Where(share => share > 0 && share != now).Distinct().OrderDescending())
                yield return ServerStep.Of(request, Efforts.Setting, share < now ? "less room for the cache" : null, ServerFields.MemoryFraction(share));
            yield break;
        }
        foreach (var share in Shares.Where(share => share > now))
            yield return ServerStep.Of(request, Efforts.Setting, null, ServerFields.MemoryFraction(share));
    }

    /// <summary>Half the bytes for each key and value (arXiv 2402.02750 and vLLM's own evaluation find the loss of quality small).</summary>
    public static IEnumerable<ServerStep> Cache(ServerRequest request, IReadOnlyList<Pool> pools)
    {
        var values = request.Spec.ValueCacheDtype;
        if (NarrowCache(request.Spec.Engine) is { } narrow && (IsWide(request.Spec.KvCacheDtype) || (values is not null && IsWide(values.Value))))
            yield return ServerStep.Of(request, Efforts.Script, "keys and values lose precision", [ServerFields.CacheType(narrow), .. values is null ? [] : new[] { ServerFields.ValueCacheType(narrow) }]);
    }

    private static bool IsWide(KeyValueCacheType type) => type is KeyValueCacheType.BF16 or KeyValueCacheType.FP16 or KeyValueCacheType.FP32;

    /// <summary>The type of 8 bits that an engine's kernels read; llama.cpp has none of floating point (ggml-org/llama.cpp common/arg.cpp, kv_cache_types).</summary>
    private static KeyValueCacheType? NarrowCache(InferenceEngine engine) => engine switch
    {
        InferenceEngine.HuggingFace or InferenceEngine.LitGPT => null,
        InferenceEngine.LlamaCpp => KeyValueCacheType.Q8,
        _ => KeyValueCacheType.FP8,
    };

    public static IEnumerable<ServerStep> BatchedTokens(ServerRequest request, IReadOnlyList<Pool> pools) => PassTokens
        .Where(tokens => tokens < request.Spec.MaxBatchedTokens)
        .Select(tokens => ServerStep.Of(request, Efforts.Setting, "prompts are read in smaller parts", ServerFields.MaxBatchedTokens(tokens)));

    public static IEnumerable<ServerStep> MaxSequences(ServerRequest request, IReadOnlyList<Pool> pools) => PassSequences
        .Where(count => count < request.Spec.MaxSequences && count >= request.Spec.Batch)
        .Select(count => ServerStep.Of(request, Efforts.Setting, "fewer requests at once", ServerFields.MaxSequences(count)));

    public static IEnumerable<ServerStep> CudaGraphs(ServerRequest request, IReadOnlyList<Pool> pools)
    {
        if (request.Spec.CudaGraphs && request.Spec.Engine is InferenceEngine.VLLM or InferenceEngine.SGLang)
            yield return ServerStep.Of(request, Efforts.MuchSlower, "slower decoding", ServerFields.NoCudaGraphs());
    }

    /// <summary>As many as are held at once; the others wait for their turn.</summary>
    public static IEnumerable<ServerStep> Sequences(ServerRequest request, IReadOnlyList<Pool> pools) => LargestThatServes(
        request, pools, request.Spec.Batch - 1, least: 1, count => ServerStep.Of(request, Efforts.Slower, "the others wait for their turn", ServerFields.Sequences(count)));

    /// <summary>The longest context that is sure to be served, or else one that is expected to be.</summary>
    public static IEnumerable<ServerStep> Context(ServerRequest request, IReadOnlyList<Pool> pools)
    {
        var unit = request.ContextLength > 16384 ? 1024 : request.ContextLength > 1024 ? 256 : 16;
        return LargestThatServes(request, pools, (request.ContextLength - 1) / unit, least: Math.Max(1, Math.Min(2048, request.ContextLength / 4) / unit), units =>
        {
            var length = ServerFields.ContextLength(units * unit);
            // Less than half of what was asked for is another service.
            var effort = units * unit * 2 >= request.ContextLength ? Efforts.MuchSlower : Efforts.ShortContext;
            return request.PromptIsStated
                ? ServerStep.Of(request, effort, "shorter prompts and answers", length, ServerFields.NoInputLength())
                : ServerStep.Of(request, effort, "shorter prompts and answers", length);
        });
    }

    public static IEnumerable<ServerStep> Draft(ServerRequest request, IReadOnlyList<Pool> pools)
    {
        if (request.Spec.Draft is not null)
            yield return ServerStep.Of(request, Efforts.MuchSlower, "no speculative decoding", ServerFields.NoDraft());
    }

    /// <summary>Over more GPUs; llama.cpp divides the layers among those of its node (--split-mode layer, its default).</summary>
    public static IEnumerable<ServerStep> Tensor(ServerRequest request, IReadOnlyList<Pool> pools)
    {
        // Left open, all sizes have been tried.
        if (request.TensorIsAuto)
            yield break;
        if (request.Spec.Engine == InferenceEngine.LlamaCpp)
        {
            for (var stages = request.Spec.Pipeline * 2; (long)stages * request.Spec.Tensor <= pools.Max(pool => pool.GpusPerNode); stages *= 2)
                yield return ServerStep.Of(request, Efforts.OtherLayout, null, ServerFields.Pipeline(stages));
            yield break;
        }

        for (var tensor = request.Spec.Tensor * 2; tensor <= LargestTensor; tensor *= 2)
            yield return ServerStep.Of(request, Efforts.OtherLayout, null, ServerFields.Tensor(tensor));
    }

    /// <summary>
    /// Over further nodes, where the GPUs of one share the tensors already: as vLLM (docs/serving/parallelism_scaling.md) and SGLang have it, tensor
    /// parallel within a node and pipeline parallel over nodes.
    /// </summary>
    public static IEnumerable<ServerStep> Pipeline(ServerRequest request, IReadOnlyList<Pool> pools)
    {
        if (request.Spec.Engine is not (InferenceEngine.VLLM or InferenceEngine.SGLang or InferenceEngine.TensorRTLLM)
            || (!request.TensorIsAuto && pools.Any(pool => request.Spec.Tensor * 2L <= pool.GpusPerNode)))
            yield break;
        for (var pipeline = request.Spec.Pipeline * 2; pipeline <= LargestPipeline; pipeline *= 2)
            yield return ServerStep.Of(request, Efforts.OtherLayout, "one replica takes several nodes", ServerFields.Pipeline(pipeline));
    }

    /// <summary>A checkpoint of the same model in fewer bits; one that is quantised already stays as it is, but for GGUF, of which the same repository has others.</summary>
    public static IEnumerable<ServerStep> Quantization(ServerRequest request, IReadOnlyList<Pool> pools)
    {
        var stored = request.Spec.Quantization ?? request.Spec.Model.CheckpointQuantization?.Usual;
        if (request.Spec.Engine == InferenceEngine.LlamaCpp)
        {
            foreach (var (scheme, bits) in Gguf.Where(type => stored is null || type.Scheme < stored.Scheme))
                yield return ServerStep.Of(request, Efforts.OtherCheckpoint, $"a file of the same model in {bits} bits", ServerFields.Quantization(scheme));
            yield break;
        }

        if (stored is not null)
            yield break;
        if (!pools.All(IsBeforeAmpere))
            yield return ServerStep.Of(request, Efforts.OtherCheckpoint, "a checkpoint of the same model in 8 bits", ServerFields.Quantization(QuantizationScheme.FP8));
        yield return ServerStep.Of(request, Efforts.OtherCheckpoint, "a checkpoint of the same model in 4 bits", ServerFields.Quantization(QuantizationScheme.AWQ4));
    }

    /// <summary>Engines have no kernels for weights in FP8 there (vLLM, docs/features/quantization: Ampere and later); of NVIDIA's cards those are without bf16.</summary>
    private static bool IsBeforeAmpere(Pool pool) => Speed.GpuSpeed.Of(pool.Product) is { Gpu: { Vendor: Catalogues.Gpus.GpuVendor.Nvidia, Bf16Teraflops: null } };

    /// <summary>Less never needs more, so bisection finds the largest number that fits for sure, and the largest that is expected to.</summary>
    private static IEnumerable<ServerStep> LargestThatServes(ServerRequest request, IReadOnlyList<Pool> pools, long most, long least, Func<long, ServerStep> step)
    {
        foreach (var wanted in new[] { Verdict.Fits, Verdict.AtRisk })
        {
            var (serves, tooMuch) = (least - 1, most + 1);
            while (tooMuch - serves > 1)
            {
                var middle = serves + ((tooMuch - serves) / 2);
                if (ServerSuggestionSearch.Best(step(middle).Request, pools) is { IsExpectedToFit: true } best && best.Verdict <= wanted)
                    serves = middle;
                else
                    tooMuch = middle;
            }
            if (serves >= least)
                yield return step(serves);
        }
    }
}
