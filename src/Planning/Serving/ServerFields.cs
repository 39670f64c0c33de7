using System.Globalization;
using System.Text.Json.Nodes;
using GpuMem.Serving;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning.Serving;

/// <summary>The fields of a server that suggestions set, each with its path, its value and what it does to a request, in one place.</summary>
internal static class ServerFields
{
    /// <summary>As text, because resources have no floating point numbers.</summary>
    public static Change<ServerRequest> MemoryFraction(decimal share) =>
        new("memoryFraction", () => share.ToString("0.##", CultureInfo.InvariantCulture), request => With(request, server => server with { MemoryFraction = share }));

    public static Change<ServerRequest> Sequences(long count) => new("sequences", () => count, request => With(request, server => server with { Batch = count }));

    public static Change<ServerRequest> CacheType(KeyValueCacheType type) => new("cacheType", () => type.ToString(), request => With(request, server => server with { KvCacheDtype = type }));

    public static Change<ServerRequest> ValueCacheType(KeyValueCacheType type) => new("valueCacheType", () => type.ToString(), request => With(request, server => server with { ValueCacheDtype = type }));

    public static Change<ServerRequest> MaxBatchedTokens(long tokens) =>
        new("maxBatchedTokens", () => tokens, request => With(request, server => server with { MaxBatchedTokens = tokens }) with { BatchedTokensAreAuto = false });

    public static Change<ServerRequest> MaxSequences(long count) => new("maxSequences", () => count, request => With(request, server => server with { MaxSequences = count }) with { SequencesOfPassAreAuto = false });

    /// <summary>Prompt and output together; the output keeps its length while the prompt keeps a token.</summary>
    public static Change<ServerRequest> ContextLength(long tokens) => new("contextLength", () => tokens, request => With(request, server =>
    {
        var output = Math.Min(server.OutputLength, tokens - 1);
        return server with { InputLength = tokens - output, OutputLength = output };
    }) with { PromptIsStated = false });

    /// <summary>Beside <see cref="ContextLength"/>, which says the same.</summary>
    public static Change<ServerRequest> NoInputLength() => new("inputLength", () => null, request => request with { PromptIsStated = false });

    public static Change<ServerRequest> NoCudaGraphs() => new("cudaGraphs", () => false, request => With(request, server => server with { CudaGraphs = false }));

    public static Change<ServerRequest> NoDraft() => new("draft", () => null, request => With(request, server => server with { Draft = null }));

    public static Change<ServerRequest> Tensor(int degree) => new("tensor", () => degree, request => With(request, server => server with { Tensor = degree }) with { GpusPerPod = null });

    public static Change<ServerRequest> Pipeline(int degree) => new("pipeline", () => degree, request => With(request, server => server with { Pipeline = degree }) with { GpusPerPod = null });

    public static Change<ServerRequest> Quantization(QuantizationScheme scheme) =>
        new("quantization.scheme", () => scheme.ToString(), request => With(request, server => server with { Quantization = new QuantizationSpec(scheme) }));

    public static Change<ServerRequest> Pools(params string[] names) =>
        new("placement.pools", () => new JsonArray([.. names.Select(name => (JsonNode)name)]), request => request with { Pools = names });

    private static ServerRequest With(ServerRequest request, Func<InferenceSpec, InferenceSpec> turn) => request with { Spec = turn(request.Spec) };
}
