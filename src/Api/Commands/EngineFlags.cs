using System.Collections.Frozen;
using System.Globalization;
using GpuMem.Api.Serving;
using GpuMem.Api.TrainingJobs;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;
using GpuMem.Serving;

namespace GpuMem.Api.Commands;

/// <summary>The flags of each engine that change the estimate; which names, words and releases they have stands in Flags.</summary>
internal static class EngineFlags
{
    private const int AllLayers = 99;

    // sglang/srt/server_args.py, max_loras_per_batch.
    private const int SgLangSlots = 8;

    private static readonly FrozenDictionary<string, EngineFlag> OfVllm = ByName(
        Model("--model"),
        Context("--max-model-len", own: ["auto", "-1"]),
        Weights("--dtype"),
        Quantization("--quantization", EngineSpellings.Quantization),
        CacheType("--kv-cache-dtype"),
        EngineFlag.Share("--gpu-memory-utilization"),
        EngineFlag.Length("--kv-cache-memory-bytes", (served, bytes) => served.CacheMemory = new Quantity(bytes)),
        HostWeights("--cpu-offload-gb"),
        Tensor("--tensor-parallel-size"),
        Pipeline("--pipeline-parallel-size"),
        EngineFlag.Whole("--decode-context-parallel-size", (command, ranks) => command.Settings.DecodeContext = ranks),
        DataParallel("--data-parallel-size"),
        EngineFlag.Whole("--data-parallel-size-local", (command, groups) => command.GroupsHere = groups),
        EngineFlag.Switch("--enable-expert-parallel", command => command.SharesExperts = true),
        EngineFlag.Length("--max-num-seqs", (served, sequences) => served.MaxSequences = sequences),
        EngineFlag.Length("--max-num-batched-tokens", (served, tokens) => served.MaxBatchedTokens = tokens),
        EngineFlag.Whole("--block-size", (command, tokens) => command.Settings.BlockSize = tokens),
        EngineFlag.Switch("--enforce-eager", command => command.Settings.CudaGraphs = false),
        EngineFlag.Switch("--enable-lora", command => command.Settings.LoraSlots ??= 1),
        EngineFlag.Whole("--max-loras", (command, slots) => command.Settings.LoraSlots = slots),
        EngineFlag.Whole("--max-lora-rank", (command, rank) => command.Settings.LoraRank = rank),
        Experts("--moe-backend"),
        TextOnly("--language-model-only"),
        new EngineFlag("--limit-mm-per-prompt", PictureLimits.Set),
        new EngineFlag("--speculative-config", (command, json) => command.Speculation.Read(json)),
        EngineFlag.Whole("--num-speculative-tokens", (command, tokens) => command.Speculation.Tokens = tokens),
        EngineFlag.Switch("--enable-prefix-caching", command => command.Settings.PrefixCaching = true),
        EngineFlag.Switch("--no-enable-prefix-caching", command => command.Settings.PrefixCaching = false),
        StateType("--mamba-ssm-cache-dtype"),
        EngineFlag.Spelled("--mamba-cache-dtype", EngineSpellings.Weights, (served, type) => served.StateType ??= type),
        EngineFlag.Switch("--disable-hybrid-kv-cache-manager", command => command.Settings.HybridCache = false),
        EngineFlag.Text("--speculative-model", (command, model) => command.Speculation.Model = model),
        EngineFlag.Whole("--speculative-draft-tensor-parallel-size", (command, ranks) => command.Speculation.Tensor = ranks),
        EngineFlag.Text("--spec-method", (command, method) => command.Speculation.Method = method),
        EngineFlag.Text("--spec-model", (command, model) => command.Speculation.Model = model),
        new EngineFlag("--kv-transfer-config", (_, json) => KvTransfer.TakesNothing(json)));

    private static readonly FrozenDictionary<string, EngineFlag> OfSgLang = ByName(
        Model("--model-path"),
        Context("--context-length", own: []),
        Weights("--dtype"),
        Quantization("--quantization", EngineSpellings.Quantization),
        CacheType("--kv-cache-dtype"),
        EngineFlag.Share("--mem-fraction-static"),
        HostWeights("--cpu-offload-gb"),
        Tensor("--tensor-parallel-size"),
        Pipeline("--pipeline-parallel-size"),
        DataParallel("--data-parallel-size"),
        EngineFlag.Switch("--enable-dp-attention", command => command.DividesTensorRanks = true),
        EngineFlag.Length("--chunked-prefill-size", (served, tokens) => served.MaxBatchedTokens = tokens),
        EngineFlag.Length("--cuda-graph-max-bs", (served, sequences) => served.MaxSequences = sequences),
        EngineFlag.Length("--cuda-graph-max-bs-decode", (served, sequences) => served.MaxSequences = sequences),
        EngineFlag.Whole("--page-size", (command, tokens) => command.Settings.BlockSize = tokens),
        EngineFlag.Switch("--disable-cuda-graph", command => command.Settings.CudaGraphs = false),
        EngineFlag.Switch("--enable-lora", command => command.Settings.LoraSlots ??= SgLangSlots),
        EngineFlag.Switch("--lora-paths", command => command.Settings.LoraSlots ??= SgLangSlots),
        EngineFlag.Whole("--max-loras-per-batch", (command, slots) => command.AdapterSlots = slots),
        EngineFlag.Whole("--max-lora-rank", (command, rank) => command.Settings.LoraRank = rank),
        Experts("--moe-runner-backend"),
        TextOnly("--language-model-only"),
        EngineFlag.Switch("--disable-hybrid-swa-memory", command => command.Settings.HybridCache = false),
        EngineFlag.Ratio("--swa-full-tokens-ratio", most: 1, (served, share) => served.WindowShare = share),
        EngineFlag.Ratio("--mamba-full-memory-ratio", most: 100, (served, share) => served.StateShare = share),
        EngineFlag.Length("--max-mamba-cache-size", (served, states) => served.StateSlots = states),
        StateType("--mamba-ssm-dtype"),
        EngineFlag.Text("--speculative-algorithm", (command, method) => command.Speculation.Method = method),
        EngineFlag.Text("--speculative-draft-model-path", (command, model) => command.Speculation.Model = model),
        new EngineFlag("--disaggregation-mode", Disaggregation));

    private static readonly FrozenDictionary<string, EngineFlag> OfLlamaCpp = ByName(
        Model("--hf-repo"),
        Model("--model"),

        // The context of the whole server: slots divide it (tools/server/README.md).
        Context("--ctx-size", own: ["0"]),

        // Any number that no model has layers is how people say all; fewer leave the rest on the host.
        new EngineFlag("--gpu-layers", (_, layers) => layers is "all" || (int.TryParse(layers, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= AllLayers)),
        EngineFlag.Switch("--cpu-moe", command => command.Settings.ExpertLayersOnHost = ModelLimits.MaxLayers),
        EngineFlag.Whole("--n-cpu-moe", (command, layers) => command.Settings.ExpertLayersOnHost = Math.Min(layers, ModelLimits.MaxLayers)),
        EngineFlag.Length("--parallel", (served, slots) => served.Sequences = slots),
        CacheType("--cache-type-k"),
        EngineFlag.Spelled("--cache-type-v", EngineSpellings.CacheType, (served, type) => served.ValueCacheType = type),
        EngineFlag.Text("--spec-type", (command, method) => command.Speculation.Method = method),
        EngineFlag.Whole("--spec-draft-n-max", (command, tokens) => command.Speculation.Tokens = tokens),
        EngineFlag.Whole("--draft", (command, tokens) => command.Speculation.Tokens = tokens),
        EngineFlag.Length("--ubatch-size", (served, tokens) => served.MaxBatchedTokens = tokens));

    private static readonly FrozenDictionary<string, EngineFlag> OfTgi = ByName(
        Model("--model-id"),
        Context("--max-total-tokens", own: []),
        Weights("--dtype"),
        Quantization("--quantize", EngineSpellings.TgiQuantization),
        CacheType("--kv-cache-dtype"),
        EngineFlag.Share("--cuda-memory-fraction"),
        Tensor("--num-shard"),
        EngineFlag.Length("--max-batch-prefill-tokens", (served, tokens) => served.MaxBatchedTokens = tokens));

    private static readonly FrozenDictionary<string, EngineFlag> OfTensorRt = ByName(
        Context("--max-seq-len", own: []),
        EngineFlag.Share("--kv-cache-free-gpu-memory-fraction"),
        CacheType("--kv-cache-config.dtype"),
        Tensor("--tp-size"),
        Pipeline("--pp-size"),
        EngineFlag.Length("--max-num-tokens", (served, tokens) => served.MaxBatchedTokens = tokens),
        EngineFlag.Length("--max-batch-size", (served, sequences) => served.MaxSequences = sequences));

    /// <summary>A server that only reads prompts captures no graphs (sglang/srt/server_args.py, _handle_pd_disaggregation).</summary>
    private static bool Disaggregation(CommandSettings command, string mode)
    {
        if (mode == "prefill")
            command.Settings.CudaGraphs = false;
        return mode is "prefill" or "decode" or "null";
    }

    /// <summary>Of an engine, by name.</summary>
    public static FrozenDictionary<string, EngineFlag> Of(InferenceEngine engine) => engine switch
    {
        InferenceEngine.SGLang => OfSgLang,
        InferenceEngine.LlamaCpp => OfLlamaCpp,
        InferenceEngine.TGI => OfTgi,
        InferenceEngine.TensorRTLLM => OfTensorRt,
        _ => OfVllm,
    };

    private static FrozenDictionary<string, EngineFlag> ByName(params EngineFlag[] flags) => flags.ToFrozenDictionary(flag => flag.Name, StringComparer.Ordinal);

    private static EngineFlag Model(string name) => new(name, (command, text) => ServedModel.Set(command, text));

    /// <summary>A length, or one of the words that leave it to the engine.</summary>
    private static EngineFlag Context(string name, string[] own)
    {
        var length = EngineFlag.Length(name, (served, tokens) => served.ContextLength = tokens);
        return length with
        {
            Set = (command, text) =>
            {
                var isLeft = own.Contains(text);
                command.LeavesContext |= isLeft;
                return isLeft || length.Set(command, text);
            },
        };
    }

    private static EngineFlag Weights(string name) => EngineFlag.Spelled(name, EngineSpellings.Weights, (served, type) => served.Weights = type);

    private static EngineFlag Quantization(string name, Func<string, QuantizationScheme?> engines)
    {
        var scheme = EngineFlag.Spelled(name, engines, (served, read) => (served.Quantization ??= new QuantizationSettings()).Scheme = read);
        return scheme with
        {
            Set = (command, text) =>
            {
                command.CheckpointFormat = EngineSpellings.IsOfCheckpoint(text) ? text : null;
                command.YieldsToCheckpoint = EngineSpellings.YieldsToCheckpoint(text);
                return command.CheckpointFormat is not null || scheme.Set(command, text);
            },
        };
    }

    private static EngineFlag StateType(string name) => EngineFlag.Spelled(name, EngineSpellings.Weights, (served, type) => served.StateType = type);

    private static EngineFlag CacheType(string name) => EngineFlag.Spelled(name, EngineSpellings.CacheType, (served, type) => served.CacheType = type);

    /// <summary>Weights that are read from the host when they are needed (vllm/model_executor/offloader, sglang/srt/utils/offloader.py).</summary>
    private static EngineFlag HostWeights(string name) => EngineFlag.Gibibytes(name, (served, bytes) => served.WeightsOnHost = bytes);

    private static EngineFlag Tensor(string name) => EngineFlag.Whole(name, (command, tensor) => command.Settings.Tensor = tensor);

    private static EngineFlag Pipeline(string name) => EngineFlag.Whole(name, (command, pipeline) => command.Settings.Pipeline = pipeline);

    /// <summary>Of the kernels of routed experts, the ones that keep them in another size.</summary>
    private static EngineFlag Experts(string name) => EngineFlag.Text(name, (command, kernel) => command.Settings.MarlinExperts = kernel == "marlin");

    private static EngineFlag TextOnly(string name) => EngineFlag.Switch(name, command => command.Settings.TextOnly = true);

    private static EngineFlag DataParallel(string name) => EngineFlag.Whole(name, (command, groups) => command.DataParallel = groups);
}
