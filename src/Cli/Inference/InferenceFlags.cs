using System.CommandLine;
using GpuMem.Api.Serving;
using GpuMem.Api.TrainingJobs;
using GpuMem.Cli.Estimates;
using GpuMem.Cli.Models;
using GpuMem.Serving;
using GpuMem.Estimation.Jobs;
using GpuMem.Kubernetes.Models;

namespace GpuMem.Cli.Inference;

/// <summary>How a model is served, on the command line: a flag for each field of an Inference manifest, with vLLM's names for lengths and limits, and what other engines call the same.</summary>
internal sealed class InferenceFlags
{
    private readonly Option<string?> _file = Flag.Text("--filename", "an Inference or ModelServer manifest; flags override its fields", "-f");
    private readonly ModelFlags _model = new();
    private readonly FlagsOf<InferenceSettings> _flags = new();
    private readonly Option<long?> _length = EngineOptions.Length("--max-model-len", "tokens per sequence, prompt and output (default 8192)", "-s", "--context-length", "--ctx-size");

    public InferenceFlags()
    {
        AddWeights();
        AddCache();
        AddLengths();
        AddLayout();
        AddExtras();
    }

    public void AddTo(Command command)
    {
        command.Add(_file);
        _model.AddTo(command);
        _flags.AddTo(command);
    }

    public IEnumerable<FieldFlag> Fields() =>
        [.. _model.Fields().Select(flag => flag.Under("model")), .. _flags.Fields(), FieldFlag.Of("contextLength", _length, " without `--output-length`")];

    /// <exception cref="UserErrorException">A model or a file cannot be read.</exception>
    public InferenceSettings Read(ParseResult result)
    {
        var settings = result.GetValue(_file) is not { } file ? new InferenceSettings()
            : Manifests.Read([file]).Served is [var only] ? only : throw new UserErrorException($"{file}: it must hold exactly one Inference or ModelServer");
        settings.Model = _model.Read(result, settings.Model);
        _flags.Apply(result, settings);
        return settings;
    }

    private void AddWeights()
    {
        _flags.Add(
            Flag.Named<InferenceEngine>("--engine", "the software that serves (default VLLM)"),
            (served, engine) => served.Engine = engine);
        _flags.AddText(Flag.Text("--engine-version", "its release, e.g. 0.19.0 (default: the newest known)"), (served, version) => served.EngineVersion = version);
        AddSpelled(EngineSpellings.Weights, (served, type) => served.Weights = type, "--dtype", "type of weights that are not quantised (default BF16)");
        AddSpelled(
            EngineSpellings.Quantization,
            (served, scheme) => (served.Quantization ??= new QuantizationSettings()).Scheme = scheme,
            "--quantization",
            "how weights are stored (default: as the checkpoint says)",
            "-q");
        _flags.Add(
            Flag.Number<int>("--group-size", "weights per scale"),
            (served, size) => (served.Quantization ??= new QuantizationSettings()).GroupSize = size);
    }

    private void AddCache()
    {
        AddSpelled(EngineSpellings.CacheType, (served, type) => served.CacheType = type, "--kv-cache-dtype", "type of cached keys and values (default BF16)", "--cache-type-k");
        AddSpelled(EngineSpellings.CacheType, (served, type) => served.ValueCacheType = type, "--cache-type-v", "llama.cpp: type of cached values (default: that of keys)");
        _flags.Add(
            Flag.YesOrNo("--kv-cache-scales-per-token-head", "an 8-bit cache has a scale per token and head"),
            (served, scales) => served.CacheScalesPerTokenHead = scales);
        _flags.Add(
            Flag.Number<long>("--cache-length", "tokens for which each sequence's cache is allocated (default: prompt and output)"),
            (served, length) => served.CacheLength = length);
        _flags.Add(
            Flag.YesOrNo("--growing-cache", "the cache grows by concatenation (default: in transformers only)"),
            (served, growing) => served.GrowingCache = growing);
        _flags.Add(
            Flag.Number<int>("--block-size", "tokens per page of the cache (default: the engine's)"),
            (served, size) => served.BlockSize = size);
    }

    private void AddSpelled<T>(Func<string, T?> engines, Action<InferenceSettings, T> set, string flag, string description, params string[] aliases)
        where T : struct, Enum => _flags.AddText(EngineOptions.Flag(engines, flag, description, aliases), (served, text) =>
        {
            if (EngineSpellings.Read(engines, text) is { } value)
                set(served, value);
        });

    private void AddLengths()
    {
        _flags.Add(
            _length,
            (served, length) => (served.ContextLength, served.InputLength) = (null, length));
        _flags.Add(
            Flag.Number<long>("--output-length", "tokens generated for each sequence, where --max-model-len is the prompt alone"),
            (served, length) => served.OutputLength = length);
        _flags.Add(
            Flag.Number<long>("--sequences", "sequences of this length to hold at once (default 1)", "-b"),
            (served, sequences) => served.Sequences = sequences);
        _flags.Add(
            Flag.Number<long>("--max-num-seqs", "sequences of one forward pass (default: by engine and GPU)"),
            (served, sequences) => served.MaxSequences = sequences);
        _flags.Add(
            EngineOptions.Length("--max-num-batched-tokens", "tokens per forward pass (default: by engine and GPU)", "--chunked-prefill-size"),
            (served, tokens) => served.MaxBatchedTokens = tokens);
        _flags.Add(
            Flag.Named<PrefillLogits>("--logits", "the tokens of the prompt for which logits are computed (default LastToken)"),
            (served, logits) => served.Logits = logits);
        _flags.Add(
            Flag.Named<AttentionKernel>("--attention", "the attention kernel (default Flash)"),
            (served, attention) => served.Attention = attention);
    }

    private void AddLayout()
    {
        _flags.Add(Flag.NumberOrAuto<int>("--tensor", "tensor parallel size, or Auto (default 1)", "--tensor-parallel-size", "-tp", "--tp-size"), (served, tensor) => served.Tensor = tensor);
        _flags.Add(Flag.Number<int>("--pipeline", "pipeline parallel size (default 1)", "--pipeline-parallel-size", "-pp", "--pp-size"), (served, pipeline) => served.Pipeline = pipeline);
        _flags.Add(
            Flag.Number<int>("--expert", "groups over which experts are divided (default 1)"),
            (served, expert) => served.Expert = expert);
        _flags.Add(
            Flag.Decimal("--gpu-memory-utilization", "share of the GPU that the engine takes", "--mem-fraction-static"),
            (served, share) => served.MemoryFraction = share is { } given ? new Quantity(given) : null);
        _flags.Add(
            EngineOptions.Length("--kv-cache-memory-bytes", "memory of each GPU for the cache, where it is not what the share leaves"),
            (served, bytes) => served.CacheMemory = bytes is { } given ? new Quantity(given) : null);
        _flags.Add(
            Flag.Decimal("--cpu-offload-gb", "GiB of each GPU's weights that stay on the host (default 0)"),
            (served, size) => served.WeightsOnHost = size is { } given ? new Quantity(decimal.Floor(given * (1 << 30))) : null);
        _flags.Add(
            Flag.Number<int>("--n-cpu-moe", "llama.cpp: layers, from the first on, whose experts stay on the host (default 0)"),
            (served, layers) => served.ExpertLayersOnHost = layers);
        _flags.Add(Flag.YesOrNo("--enforce-eager", "no CUDA graphs"), (served, eager) => served.CudaGraphs = !eager);
    }

    private void AddExtras()
    {
        _flags.Add(Flag.Number<int>("--max-loras", "adapters loaded at once (default 0)"), (served, slots) => served.LoraSlots = slots);
        _flags.Add(
            Flag.Number<int>("--max-lora-rank", "rank that each of them has room for (default 16)"),
            (served, rank) => served.LoraRank = rank);
        _flags.AddText(
            Flag.Text("--draft", "a model that proposes tokens; each GPU holds it whole"),
            (served, draft) => (served.Draft ??= new DraftSettings()).Model = ModelFlags.Named(draft));
        _flags.Add(
            Flag.Number<int>("--draft-tensor", "GPUs that share the draft (default 1)"),
            (served, tensor) => (served.Draft ??= new DraftSettings()).Tensor = tensor);
        _flags.Add(
            Flag.YesOrNo("--prediction-modules", "the model's own modules for further tokens draft for it"),
            (served, modules) => served.PredictionModules = modules);
        _flags.Add(
            Flag.Number<int>("--decode-context-parallel-size", "tensor-parallel ranks that divide the tokens of a cache (default 1)"),
            (served, ranks) => served.DecodeContext = ranks);
        _flags.Add(
            Flag.Number<int>("--num-speculative-tokens", "tokens that are proposed at once (default 1 with a draft or modules)"),
            (served, tokens) => served.ProposedTokens = tokens);
        _flags.Add(
            Flag.YesOrNo("--enable-prefix-caching", "caches stay for requests that begin alike (default: the release's)"),
            (served, caches) => served.PrefixCaching = caches);
        _flags.Add(
            Flag.YesOrNo("--disable-hybrid-kv-cache-manager", "layers with a window keep whole sequences"),
            (served, whole) => served.HybridCache = !whole);
        _flags.Add(
            Flag.Number<long>("--max-mamba-cache-size", "sequences that layers with a state keep one for (SGLang; slots of llama.cpp)"),
            (served, slots) => served.StateSlots = slots);
        _flags.Add(
            Flag.Decimal("--mamba-full-memory-ratio", "SGLang: what states get for each byte of keys and values (default 0.9)"),
            (served, share) => served.StateShare = share is { } given ? new Quantity(given) : null);
        AddSpelled(EngineSpellings.Weights, (served, type) => served.StateType = type, "--mamba-ssm-cache-dtype", "type of states (default: as the model's configuration says)", "--mamba-ssm-dtype");
        _flags.Add(
            Flag.Decimal("--swa-full-tokens-ratio", "SGLang: tokens that layers with a window have room for, of each in the others (default 0.8)"),
            (served, share) => served.WindowShare = share is { } given ? new Quantity(given) : null);
        _flags.Add(
            Flag.YesOrNo("--marlin-experts", "routed experts run on Marlin kernels (SGLang moe_runner_backend, vLLM moe_backend)"),
            (served, marlin) => served.MarlinExperts = marlin);
        _flags.Add(
            Flag.YesOrNo("--language-model-only", "towers for pictures and sound stay out"),
            (served, textOnly) => served.TextOnly = textOnly);
    }
}
