using System.CommandLine;
using System.Globalization;
using GpuMem.Api.TrainingJobs;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Cli.Estimates;

/// <summary>The flags of <c>spec.parallelism</c>, and the number of GPUs from which the data parallel size follows.</summary>
internal sealed class ParallelismFlags
{
    private readonly FlagsOf<ParallelismSettings> _flags = new();
    private readonly Option<string?> _data = Flag.Text("--data", "data parallel size, or Auto");
    private readonly Option<int?> _gpus = Flag.Number<int>("--gpus", "GPUs in all; the data parallel size follows");

    public ParallelismFlags()
    {
        _flags.Add(Flag.NamedOrAuto<Sharding>("--sharding", "ZeRO stage; Full is FSDP"), (layout, sharding) => layout.Sharding = sharding);
        _flags.Add(
            Flag.Number<int>("--shard-group", "ranks over which states are divided when groups of them hold copies (default: all)"),
            (layout, group) => layout.ShardGroup = group);
        _flags.Add(
            Flag.Number<int>("--fsdp-version", "1 flattens parameters, 2 keeps a tensor for each (default 2)"),
            (layout, version) => layout.FsdpVersion = version);
        _flags.Add(Flag.NumberOrAuto<int>("--tensor", "tensor parallel size, or Auto"), (layout, tensor) => layout.Tensor = tensor);
        _flags.Add(
            Flag.YesOrNo("--sequence-parallel", "norms and dropout divided over the tensor parallel ranks too"),
            (layout, sequence) => layout.SequenceParallel = sequence);
        _flags.Add(Flag.NumberOrAuto<int>("--pipeline", "pipeline parallel size, or Auto"), (layout, pipeline) => layout.Pipeline = pipeline);
        _flags.Add(
            Flag.Named<PipelineSchedule>("--schedule", "order of micro-batches in a pipeline"),
            (layout, schedule) => layout.Schedule = schedule);
        _flags.Add(
            Flag.Number<int>("--virtual-stages", "chunks of layers per pipeline rank under schedule Interleaved"),
            (layout, stages) => layout.VirtualStages = stages);
        _flags.Add(
            Flag.Number<int>("--first-stage-layers", "layers of the first pipeline stage (default: an even share)"),
            (layout, layers) => layout.FirstStageLayers = layers);
        _flags.Add(
            Flag.Number<int>("--last-stage-layers", "layers of the last pipeline stage (default: an even share)"),
            (layout, layers) => layout.LastStageLayers = layers);
        _flags.Add(Flag.NumberOrAuto<int>("--context-parallel", "context parallel size, or Auto"), (layout, context) => layout.Context = context);
        _flags.Add(
            Flag.Named<ContextExchange>("--context-exchange", "how context parallel ranks exchange keys and values (default Ring)"),
            (layout, exchange) => layout.ContextExchange = exchange);
        _flags.Add(Flag.NumberOrAuto<int>("--expert", "expert parallel size, or Auto"), (layout, expert) => layout.Expert = expert);
        _flags.Add(
            Flag.Number<int>("--expert-tensor", "GPUs over which one routed expert is cut (default: as --tensor)"),
            (layout, tensor) => layout.ExpertTensor = tensor);
        _flags.Add(
            Flag.Named<ExpertDispatch>("--expert-dispatch", "how tokens reach experts on other ranks (default AllToAll)"),
            (layout, dispatch) => layout.ExpertDispatch = dispatch);
        _flags.Add(
            Flag.Number<int>("--expert-capacity-percent", "tokens that an expert takes at most, in percent of an even share"),
            (layout, percent) => layout.ExpertCapacityPercent = percent);
        _flags.Add(
            Flag.YesOrNo("--expert-padding", "experts are filled up to their capacity"),
            (layout, padding) => layout.ExpertPadding = padding);
    }

    public void AddTo(Command command)
    {
        _flags.AddTo(command);
        command.Add(_data);
        command.Add(_gpus);
    }

    public IEnumerable<FieldFlag> Fields() => [.. _flags.Fields(), FieldFlag.Of("data", _data), FieldFlag.Of("data", _gpus, " for all of them")];

    public string? FirstGiven(ParseResult result) => _flags.FirstGiven(result)
        ?? Array.Find(new Option[] { _data, _gpus }, option => result.GetResult(option) is { Implicit: false })?.Name;

    /// <param name="leavesData">How many GPUs there are may be left open; otherwise it is one.</param>
    /// <exception cref="UserErrorException">The GPUs do not multiply out.</exception>
    public void Apply(ParseResult result, ParallelismSettings layout, bool leavesData)
    {
        _flags.Apply(result, layout);
        if (result.GetValue(_data) is not null && result.GetValue(_gpus) is not null)
            throw new UserErrorException("--data and --gpus both say how many GPUs there are: give one of them");
        if (result.GetValue(_data) is { } data)
            layout.Data = int.TryParse(data, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : data;
        else if (result.GetValue(_gpus) is { } gpus)
            layout.Data = DataOf(gpus, layout);
        else if (!leavesData)
            layout.Data = 1;
    }

    private static int DataOf(int gpus, ParallelismSettings layout)
    {
        if (layout.Tensor is { IsAuto: true } || layout.Pipeline is { IsAuto: true } || layout.Context is { IsAuto: true })
            throw new UserErrorException($"--gpus {gpus} says the data parallel size only where the other sizes are known; give them, or leave --gpus out and let --data Auto find it");
        var one = (long)(layout.Tensor?.Value ?? 1) * (layout.Pipeline?.Value ?? 1) * (layout.Context?.Value ?? 1);
        if (gpus <= 0)
            throw new UserErrorException($"--gpus {gpus}: give 1 or more");
        return gpus > 0 && one > 0 && gpus % one == 0
            ? (int)(gpus / one)
            : throw new UserErrorException($"--gpus {gpus} cannot be divided by tensor × pipeline × context = {one}; choose a multiple of {one}");
    }
}
