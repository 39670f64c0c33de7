using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuMem.Api.Json;
using GpuMem.Api.TrainingJobs;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Cli.Estimates;

/// <summary>A TrainingJob on the command line: the same fields as in YAML, each flag over what a file says.</summary>
internal sealed class JobFlags
{
    private readonly Option<string?> _file = new("--filename", "-f") { Description = "a TrainingJob manifest; flags override its fields" };
    private readonly Option<string?> _model = new("--model", "-m") { Description = "model in the built-in catalogue, e.g. meta-llama/Llama-3.1-8B" };
    private readonly Option<string?> _config = new("--config") { Description = "a Hugging Face config.json" };
    private readonly Option<string?> _parameters = new("--parameters") { Description = "rough size instead of a model, e.g. 7B" };
    private readonly Option<TrainingMethod?> _method = new("--method");
    private readonly Option<TrainingFramework?> _framework = new("--framework");
    private readonly Option<Precision?> _precision = new("--precision");
    private readonly Option<Optimizer?> _optimizer = new("--optimizer");
    private readonly Option<long?> _sequenceLength = new("--sequence-length", "-s") { Description = "tokens per sequence" };
    private readonly Option<long?> _microBatchSize = new("--micro-batch-size", "-b") { Description = "sequences per GPU and forward pass (default 1)" };
    private readonly Option<long?> _globalBatchSize = new("--global-batch-size") { Description = "sequences per optimizer step" };
    private readonly Option<Recompute?> _recompute = new("--recompute");
    private readonly Option<AttentionKernel?> _attention = new("--attention");
    private readonly Option<LossKernel?> _loss = new("--loss");
    private readonly Option<bool?> _fused = new("--fused-kernels") { Description = "kernels fused by a compiler or the framework" };
    private readonly Option<int?> _loraRank = new("--lora-rank");
    private readonly Option<string[]?> _loraTargets = new("--lora-target") { Description = "a linear layer with adapters (default: all)" };
    private readonly Option<Sharding?> _sharding = new("--sharding") { Description = "ZeRO stage: None, Optimizer, Gradients or Full (FSDP)" };
    private readonly Option<int?> _tensor = new("--tensor") { Description = "tensor parallel size" };
    private readonly Option<int?> _pipeline = new("--pipeline") { Description = "pipeline parallel size" };
    private readonly Option<int?> _context = new("--context-parallel") { Description = "context parallel size" };
    private readonly Option<int?> _expert = new("--expert") { Description = "expert parallel size" };
    private readonly Option<string?> _data = new("--data") { Description = "data parallel size, or Auto" };
    private readonly Option<bool?> _sequenceParallel = new("--sequence-parallel");
    private readonly Option<int?> _gpus = new("--gpus") { Description = "GPUs in all; the data parallel size follows" };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[]
        {
            _file, _model, _config, _parameters, _method, _framework, _precision, _optimizer, _sequenceLength, _microBatchSize, _globalBatchSize, _recompute,
            _attention, _loss, _fused, _loraRank, _loraTargets, _sharding, _tensor, _pipeline, _context, _expert, _data, _sequenceParallel, _gpus,
        })
            command.Add(option);
    }

    /// <exception cref="UserErrorException">A file cannot be read, or GPUs do not multiply out.</exception>
    public TrainingJob Read(ParseResult result)
    {
        var job = result.GetValue(_file) is { } file
            ? Manifests.Read([file]).Jobs is [var only] ? only : throw new UserErrorException($"{file}: it must hold exactly one TrainingJob")
            : new TrainingJob();
        job.Metadata ??= new V1ObjectMeta();
        var spec = job.Spec;
        spec.Model = Model(result) ?? spec.Model ?? throw new UserErrorException("which model? Give --model NAME, --config FILE, --parameters SIZE or -f FILE");
        var training = spec.Training ??= new TrainingSettings();
        training.Method = result.GetValue(_method) ?? training.Method;
        training.Framework = result.GetValue(_framework) ?? training.Framework;
        training.Precision = result.GetValue(_precision) ?? training.Precision;
        training.Optimizer = result.GetValue(_optimizer) ?? training.Optimizer;
        training.SequenceLength = result.GetValue(_sequenceLength) ?? training.SequenceLength;
        training.MicroBatchSize = result.GetValue(_microBatchSize) ?? training.MicroBatchSize;
        training.GlobalBatchSize = result.GetValue(_globalBatchSize) ?? training.GlobalBatchSize;
        training.Recompute = result.GetValue(_recompute) ?? training.Recompute;
        training.Attention = result.GetValue(_attention) ?? training.Attention;
        training.Loss = result.GetValue(_loss) ?? training.Loss;
        training.FusedKernels = result.GetValue(_fused) ?? training.FusedKernels;
        if (result.GetValue(_loraRank) is { } rank)
            (training.Lora ??= new LoraSettings()).Rank = rank;
        if (result.GetValue(_loraTargets) is { Length: > 0 } targets)
            (training.Lora ??= new LoraSettings()).TargetModules = targets;
        Parallelism(result, spec.Parallelism ??= new ParallelismSettings(), fromFile: result.GetValue(_file) is not null);
        return job;
    }

    private ModelSpec? Model(ParseResult result)
    {
        if (result.GetValue(_model) is { } name)
            return new ModelSpec { Name = name };
        if (result.GetValue(_parameters) is { } parameters)
            return new ModelSpec { Parameters = parameters };
        if (result.GetValue(_config) is not { } file)
            return null;
        if (!File.Exists(file))
            throw new UserErrorException($"{file}: no such file");
        // Parsed once as it is, so that its own problems are told in its own terms, before it becomes part of a spec.
        var bytes = File.ReadAllBytes(file);
        try
        {
            Estimation.Models.HuggingFaceConfig.Parse(bytes, file);
            return new ModelSpec { Config = JsonNode.Parse(bytes, documentOptions: new JsonDocumentOptions { MaxDepth = 64 }) as JsonObject };
        }
        catch (Exception error) when (error is Estimation.Models.ModelFormatException or JsonException)
        {
            throw new UserErrorException($"{file}: {error.Message}");
        }
    }

    private void Parallelism(ParseResult result, ParallelismSettings parallelism, bool fromFile)
    {
        parallelism.Sharding = result.GetValue(_sharding) ?? parallelism.Sharding;
        parallelism.Tensor = result.GetValue(_tensor) ?? parallelism.Tensor;
        parallelism.Pipeline = result.GetValue(_pipeline) ?? parallelism.Pipeline;
        parallelism.Context = result.GetValue(_context) ?? parallelism.Context;
        parallelism.Expert = result.GetValue(_expert) ?? parallelism.Expert;
        parallelism.SequenceParallel = result.GetValue(_sequenceParallel) ?? parallelism.SequenceParallel;
        if (result.GetValue(_data) is { } data)
            parallelism.Data = int.TryParse(data, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : data;
        else if (result.GetValue(_gpus) is { } gpus)
            parallelism.Data = DataOf(gpus, parallelism);
        else if (!fromFile)
            parallelism.Data = 1;
    }

    private static int DataOf(int gpus, ParallelismSettings parallelism)
    {
        var one = (long)(parallelism.Tensor ?? 1) * (parallelism.Pipeline ?? 1) * (parallelism.Context ?? 1);
        return gpus > 0 && one > 0 && gpus % one == 0
            ? (int)(gpus / one)
            : throw new UserErrorException($"--gpus {gpus} cannot be divided by tensor × pipeline × context = {one}; choose a multiple of {one}");
    }
}
