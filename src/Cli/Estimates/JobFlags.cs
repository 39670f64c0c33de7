using System.CommandLine;
using System.Globalization;
using System.Text;
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
    private readonly Option<TrainingMethod?> _method = Flag.Named<TrainingMethod>("--method");
    private readonly Option<TrainingFramework?> _framework = Flag.Named<TrainingFramework>("--framework");
    private readonly Option<Precision?> _precision = Flag.Named<Precision>("--precision");
    private readonly Option<Optimizer?> _optimizer = Flag.Named<Optimizer>("--optimizer");
    private readonly Option<long?> _sequenceLength = Flag.Number<long>("--sequence-length", "tokens per sequence", "-s");
    private readonly Option<long?> _microBatchSize = Flag.Number<long>("--micro-batch-size", "sequences per GPU and forward pass (default 1)", "-b");
    private readonly Option<long?> _globalBatchSize = Flag.Number<long>("--global-batch-size", "sequences per optimizer step");
    private readonly Option<Recompute?> _recompute = Flag.Named<Recompute>("--recompute");
    private readonly Option<AttentionKernel?> _attention = Flag.Named<AttentionKernel>("--attention");
    private readonly Option<LossKernel?> _loss = Flag.Named<LossKernel>("--loss");
    private readonly Option<bool?> _fused = new("--fused-kernels") { Description = "kernels fused by a compiler or the framework" };
    private readonly Option<int?> _loraRank = Flag.Number<int>("--lora-rank");
    private readonly Option<string[]?> _loraTargets = new("--lora-target") { Description = "a linear layer with adapters (default: all)" };
    private readonly Option<Sharding?> _sharding = Flag.Named<Sharding>("--sharding", "ZeRO stage; Full is FSDP");
    private readonly Option<int?> _tensor = Flag.Number<int>("--tensor", "tensor parallel size");
    private readonly Option<int?> _pipeline = Flag.Number<int>("--pipeline", "pipeline parallel size");
    private readonly Option<int?> _context = Flag.Number<int>("--context-parallel", "context parallel size");
    private readonly Option<int?> _expert = Flag.Number<int>("--expert", "expert parallel size");
    private readonly Option<string?> _data = new("--data") { Description = "data parallel size, or Auto" };
    private readonly Option<bool?> _sequenceParallel = new("--sequence-parallel");
    private readonly Option<int?> _gpus = Flag.Number<int>("--gpus", "GPUs in all; the data parallel size follows");

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
        var spec = job.Spec ??= new TrainingJobSpec();
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
        var (name, config, parameters) = (result.GetValue(_model), result.GetValue(_config), result.GetValue(_parameters));
        if (new[] { name, config, parameters }.Count(value => value is not null) > 1)
            throw new UserErrorException("give one of --model, --config and --parameters, not several");
        if (name is not null)
            return new ModelSpec { Name = name };
        if (parameters is not null)
            return new ModelSpec { Parameters = parameters };
        return config is null ? null : new ModelSpec { Config = Config(config) };
    }

    private static JsonObject Config(string file)
    {
        if (!File.Exists(file))
            throw new UserErrorException($"{file}: no such file");
        var bytes = File.ReadAllBytes(file);
        try
        {
            // Parsed once as it is, so that its own problems are told in its own terms, before it becomes part of a spec.
            Estimation.Models.HuggingFaceConfig.Parse(bytes, file);
        }
        catch (Estimation.Models.ModelFormatException error)
        {
            throw new UserErrorException(error.Message);
        }
        // A string, because the parser of bytes stumbles over the mark that some editors begin a file with.
        return JsonNode.Parse(Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF'))!.AsObject();
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
