using System.Globalization;
using GpuMem.Api.Serving;
using GpuMem.Api.TrainingJobs;
using GpuMem.Serving;

namespace GpuMem.Api.Commands;

/// <summary>The flags of each engine that are understood.</summary>
internal static class EngineFlags
{
    private const int AllLayers = 99;

    private static readonly EngineFlag[] OfVllm =
    [
        Model("--model"),
        Context(own: ["auto", "-1"], "--max-model-len"),
        Weights("--dtype"),
        Quantization("--quantization", "-q"),
        CacheType("--kv-cache-dtype"),
        EngineFlag.Share("--gpu-memory-utilization"),
        Tensor("--tensor-parallel-size", "-tp"),
        Pipeline("--pipeline-parallel-size", "-pp"),
        EngineFlag.Length((served, sequences) => served.MaxSequences = sequences, "--max-num-seqs"),
        EngineFlag.Length((served, tokens) => served.MaxBatchedTokens = tokens, "--max-num-batched-tokens"),
        EngineFlag.Whole((served, tokens) => served.BlockSize = tokens, "--block-size"),
        EngineFlag.Switch(served => served.CudaGraphs = false, "--enforce-eager"),
        EngineFlag.Switch(served => served.LoraSlots ??= 1, "--enable-lora"),
        EngineFlag.Whole((served, slots) => served.LoraSlots = slots, "--max-loras"),
        EngineFlag.Whole((served, rank) => served.LoraRank = rank, "--max-lora-rank"),
        .. EngineFlag.WithoutEffect(
            takesValue: false,
            "--trust-remote-code", "--disable-log-requests", "--no-enable-log-requests", "--disable-log-stats", "--enable-auto-tool-choice", "--enable-prefix-caching",
            "--no-enable-prefix-caching", "--enable-chunked-prefill", "--disable-custom-all-reduce", "--enable-prompt-tokens-details"),
        .. EngineFlag.WithoutEffect(
            takesValue: true,
            "--host", "--port", "--served-model-name", "--api-key", "--download-dir", "--load-format", "--tokenizer", "--tokenizer-mode", "--seed", "--revision",
            "--chat-template", "--tool-call-parser", "--reasoning-parser", "--uvicorn-log-level", "--root-path", "--swap-space", "--distributed-executor-backend",
            "--generation-config", "--max-log-len", "--response-role", "--ssl-keyfile", "--ssl-certfile"),
    ];

    private static readonly EngineFlag[] OfSgLang =
    [
        Model("--model-path", "--model"),
        Context(own: [], "--context-length"),
        Weights("--dtype"),
        Quantization("--quantization"),
        CacheType("--kv-cache-dtype"),
        EngineFlag.Share("--mem-fraction-static"),
        Tensor("--tensor-parallel-size", "--tp-size", "--tp"),
        Pipeline("--pipeline-parallel-size", "--pp-size", "--pp"),
        EngineFlag.Length((served, tokens) => served.MaxBatchedTokens = tokens, "--chunked-prefill-size"),
        EngineFlag.Length((served, sequences) => served.MaxSequences = sequences, "--cuda-graph-max-bs"),
        EngineFlag.Whole((served, tokens) => served.BlockSize = tokens, "--page-size"),
        EngineFlag.Switch(served => served.CudaGraphs = false, "--disable-cuda-graph"),
        .. EngineFlag.WithoutEffect(takesValue: false, "--trust-remote-code", "--enable-metrics", "--disable-radix-cache", "--skip-server-warmup"),
        .. EngineFlag.WithoutEffect(
            takesValue: true,
            "--host", "--port", "--served-model-name", "--api-key", "--download-dir", "--load-format", "--tokenizer-path", "--tokenizer-mode", "--random-seed",
            "--chat-template", "--tool-call-parser", "--reasoning-parser", "--log-level", "--schedule-policy", "--dist-init-addr", "--watchdog-timeout"),
    ];

    private static readonly EngineFlag[] OfLlamaCpp =
    [
        Model("--hf-repo", "-hf", "-hfr", "--model", "-m"),

        // The context of the whole server: slots divide it (tools/server/README.md).
        Context(own: ["0"], "--ctx-size", "-c"),

        // Any number that no model has layers is how people say all; fewer leave the rest on the host.
        EngineFlag.Text((_, layers) => layers is "all" || (int.TryParse(layers, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= AllLayers), "--gpu-layers", "--n-gpu-layers", "-ngl"),
        EngineFlag.Length((served, slots) => served.Sequences = slots, "--parallel", "-np"),
        CacheType("--cache-type-k", "-ctk"),
        EngineFlag.Spelled(EngineSpellings.CacheType, (served, type) => served.ValueCacheType = type, "--cache-type-v", "-ctv"),
        EngineFlag.Length((served, tokens) => served.MaxBatchedTokens = tokens, "--ubatch-size", "-ub"),
        .. EngineFlag.WithoutEffect(takesValue: false, "--jinja", "--metrics", "--no-webui", "--cont-batching", "-cb", "--mlock", "--no-mmap"),
        .. EngineFlag.WithoutEffect(takesValue: true, "--host", "--port", "--threads", "-t", "--threads-batch", "-tb", "--api-key", "--alias", "-a", "--batch-size", "-b", "--flash-attn", "-fa"),
    ];

    private static readonly EngineFlag[] OfTgi =
    [
        Model("--model-id"),
        Context(own: [], "--max-total-tokens"),
        Weights("--dtype"),
        Quantization("--quantize"),
        CacheType("--kv-cache-dtype"),
        EngineFlag.Share("--cuda-memory-fraction"),
        Tensor("--num-shard"),
        EngineFlag.Length((served, tokens) => served.MaxBatchedTokens = tokens, "--max-batch-prefill-tokens"),
        .. EngineFlag.WithoutEffect(takesValue: false, "--trust-remote-code", "--json-output", "--disable-custom-kernels"),
        .. EngineFlag.WithoutEffect(
            takesValue: true,
            "--hostname", "--port", "--max-input-tokens", "--max-input-length", "--max-concurrent-requests", "--revision", "--huggingface-hub-cache", "--shard-uds-path",
            "--max-client-batch-size", "--waiting-served-ratio", "--max-waiting-tokens", "--prometheus-port"),
    ];

    private static readonly EngineFlag[] OfTensorRt =
    [
        Model("--model"),
        Context(own: [], "--max-seq-len"),
        EngineFlag.Share("--kv-cache-free-gpu-memory-fraction"),
        Tensor("--tp-size"),
        Pipeline("--pp-size"),
        EngineFlag.Length((served, tokens) => served.MaxBatchedTokens = tokens, "--max-num-tokens"),
        EngineFlag.Length((served, sequences) => served.MaxSequences = sequences, "--max-batch-size"),
        .. EngineFlag.WithoutEffect(takesValue: false, "--trust-remote-code"),
        .. EngineFlag.WithoutEffect(takesValue: true, "--host", "--port", "--tokenizer", "--log-level", "--reasoning-parser", "--tool-parser"),
    ];

    /// <summary>Of an engine, by name.</summary>
    public static IReadOnlyDictionary<string, EngineFlag> Of(InferenceEngine engine) => ByName(engine switch
    {
        InferenceEngine.SGLang => OfSgLang,
        InferenceEngine.LlamaCpp => OfLlamaCpp,
        InferenceEngine.TGI => OfTgi,
        InferenceEngine.TensorRTLLM => OfTensorRt,
        _ => OfVllm,
    });

    private static Dictionary<string, EngineFlag> ByName(EngineFlag[] flags) =>
        flags.SelectMany(flag => flag.Names, (flag, name) => (flag, name)).ToDictionary(pair => pair.name, pair => pair.flag, StringComparer.Ordinal);

    private static EngineFlag Model(params string[] names) => EngineFlag.Text(ServedModel.Set, names);

    /// <summary>A length, or one of the words that leave it to the engine.</summary>
    private static EngineFlag Context(string[] own, params string[] names)
    {
        var length = EngineFlag.Length((served, tokens) => served.ContextLength = tokens, names);
        return length with { IsContext = true, Set = (served, text) => own.Contains(text) || length.Set!(served, text) };
    }

    private static EngineFlag Weights(params string[] names) => EngineFlag.Spelled(EngineSpellings.Weights, (served, type) => served.Weights = type, names);

    private static EngineFlag Quantization(params string[] names) =>
        EngineFlag.Spelled(EngineSpellings.Quantization, (served, scheme) => (served.Quantization ??= new QuantizationSettings()).Scheme = scheme, names);

    private static EngineFlag CacheType(params string[] names) => EngineFlag.Spelled(EngineSpellings.CacheType, (served, type) => served.CacheType = type, names);

    private static EngineFlag Tensor(params string[] names) => EngineFlag.Whole((served, tensor) => served.Tensor = tensor, names);

    private static EngineFlag Pipeline(params string[] names) => EngineFlag.Whole((served, pipeline) => served.Pipeline = pipeline, names);
}
