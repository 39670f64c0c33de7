using System.CommandLine;
using GpuMem.Cli.Models;
using GpuMem.Estimation.Gpus;
using GpuMem.Estimation.Inference;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Cli.Inference;

/// <summary>How a model is served, on the command line; lengths and limits have vLLM's names.</summary>
internal sealed class InferenceFlags
{
    private readonly Option<string> _model = new("--model", "-m") { Description = "model in the built-in catalogue, or the path of a config.json", Required = true };
    private readonly Option<InferenceEngine> _engine = new("--engine") { DefaultValueFactory = _ => InferenceEngine.VLLM };
    private readonly Option<DataType> _weights = new("--dtype") { Description = "type of weights that are not quantised", DefaultValueFactory = _ => DataType.BF16 };
    private readonly Option<QuantizationScheme?> _quantization = new("--quantization", "-q") { Description = "default: as the checkpoint says" };
    private readonly Option<int?> _groupSize = new("--group-size") { Description = "weights per scale" };
    private readonly Option<KeyValueCacheType> _cacheType = new("--kv-cache-dtype") { DefaultValueFactory = _ => KeyValueCacheType.BF16 };
    private readonly Option<long> _length = new("--max-model-len", "-s") { Description = "tokens per sequence, prompt and output", DefaultValueFactory = _ => 8192 };
    private readonly Option<long> _sequences = new("--sequences", "-b") { Description = "sequences of this length to hold at once", DefaultValueFactory = _ => 1 };
    private readonly Option<long> _maxSequences = new("--max-num-seqs") { DefaultValueFactory = _ => 256 };
    private readonly Option<long?> _batchedTokens = new("--max-num-batched-tokens") { Description = "tokens per forward pass (default: by GPU)" };
    private readonly Option<decimal?> _fraction = new("--gpu-memory-utilization") { Description = "share of the GPU that the engine takes" };
    private readonly Option<bool> _eager = new("--enforce-eager") { Description = "no CUDA graphs" };
    private readonly Option<int> _tensor = new("--tensor") { Description = "tensor parallel size", DefaultValueFactory = _ => 1 };
    private readonly Option<int> _pipeline = new("--pipeline") { Description = "pipeline parallel size", DefaultValueFactory = _ => 1 };
    private readonly Option<int> _loras = new("--max-loras") { Description = "adapters loaded at once" };
    private readonly Option<int> _loraRank = new("--max-lora-rank") { DefaultValueFactory = _ => 16 };
    private readonly Option<string?> _draft = new("--draft") { Description = "a model that proposes tokens; each GPU holds it whole" };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[]
        {
            _model, _engine, _weights, _quantization, _groupSize, _cacheType, _length, _sequences, _maxSequences, _batchedTokens, _fraction, _eager,
            _tensor, _pipeline, _loras, _loraRank, _draft,
        })
            command.Add(option);
    }

    /// <exception cref="UserErrorException">A model is not known or its file cannot be read.</exception>
    public InferenceSpec Read(ParseResult result, GpuModel? gpu)
    {
        var spec = new InferenceSpec
        {
            Model = ModelSource.Read(result.GetValue(_model)!),
            Engine = result.GetValue(_engine),
            Weights = result.GetValue(_weights),
            Quantization = result.GetValue(_quantization) is { } scheme ? new QuantizationSpec(scheme, result.GetValue(_groupSize)) : null,
            KvCacheDtype = result.GetValue(_cacheType),
            InputLength = result.GetValue(_length),
            Batch = result.GetValue(_sequences),
            MaxSequences = result.GetValue(_maxSequences),
            MemoryFraction = result.GetValue(_fraction),
            CudaGraphs = !result.GetValue(_eager),
            Tensor = result.GetValue(_tensor),
            Pipeline = result.GetValue(_pipeline),
            LoraSlots = result.GetValue(_loras),
            Lora = new() { Rank = result.GetValue(_loraRank) },
            Draft = result.GetValue(_draft) is { } draft ? new SpeculativeDraft(ModelSource.Read(draft)) : null,
        };
        var batched = result.GetValue(_batchedTokens) ?? (gpu is null ? null : EngineDefaults.MaxBatchedTokens(gpu));
        return batched is { } tokens ? spec with { MaxBatchedTokens = tokens } : spec;
    }
}
