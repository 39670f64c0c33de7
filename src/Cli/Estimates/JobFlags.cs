using System.CommandLine;
using GpuMem.Api.TrainingJobs;
using GpuMem.Cli.Models;

namespace GpuMem.Cli.Estimates;

/// <summary>
/// A TrainingJob on the command line: a flag for each field that an estimate depends on, each over what a file says. docs/reference.md
/// lists both.
/// </summary>
internal sealed class JobFlags
{
    private readonly Option<string?> _file = Flag.Text("--filename", "a TrainingJob manifest; flags override its fields", "-f");
    private readonly Option<int?> _gpusPerNode = Flag.Number<int>("--gpus-per-node", "GPUs of one node: what is offloaded adds up on its host (default 8)");
    private readonly ModelFlags _model = new();
    private readonly FlagsOf<TrainingSettings> _training = TrainingFlags.Create();
    private readonly ParallelismFlags _parallelism = new();

    public void AddTo(Command command)
    {
        command.Add(_file);
        _model.AddTo(command);
        _training.AddTo(command);
        _parallelism.AddTo(command);
        command.Add(_gpusPerNode);
    }

    public IEnumerable<FieldFlag> Fields() =>
    [
        .. _model.Fields().Select(flag => flag.Under("model")), .. _training.Fields().Select(flag => flag.Under("training")),
        .. _parallelism.Fields().Select(flag => flag.Under("parallelism")), FieldFlag.Of("placement.gpusPerNode", _gpusPerNode),
    ];

    /// <summary>What the file holds; null without one.</summary>
    /// <param name="workloads">Whether it may be a pod or what makes pods.</param>
    /// <exception cref="UserErrorException">It cannot be read.</exception>
    public Manifests? File(ParseResult result, bool workloads)
    {
        if (result.GetValue(_file) is not { } file)
            return null;
        var manifests = Manifests.Read([file], workloads);
        return workloads && manifests is { Jobs: [], Served: [], PodSpecs: [] }
            ? throw new UserErrorException($"{file}: it holds nothing to explain: that is a pod, or what makes pods (Deployment, Job, PyTorchJob and others), a TrainingJob, a ModelServer or an Inference")
            : manifests;
    }

    /// <summary>The model that flags name, or else the given one.</summary>
    public ModelSpec? Model(ParseResult result, ModelSpec? model, string ways) => _model.Read(result, model, ways);

    /// <summary>The flag of a file; null without one.</summary>
    public string? FileGiven(ParseResult result) => result.GetValue(_file) is null ? null : _file.Name;

    /// <summary>The first flag that says something of a job, in <c>estimate -f</c> of something else.</summary>
    public string? FirstGiven(ParseResult result) =>
        _model.FirstGiven(result) ?? FirstOfTraining(result);

    /// <summary>The same without those of the model, which a server has too.</summary>
    public string? FirstOfTraining(ParseResult result) =>
        _training.FirstGiven(result) ?? _parallelism.FirstGiven(result) ?? (result.GetValue(_gpusPerNode) is null ? null : _gpusPerNode.Name);

    /// <param name="manifests">What the file holds.</param>
    /// <param name="leavesData">How many GPUs there are is left open where nobody says it.</param>
    /// <exception cref="UserErrorException">There is not one job in it, or GPUs do not multiply out.</exception>
    public TrainingJob Read(ParseResult result, Manifests? manifests, bool leavesData = false)
    {
        var job = manifests is null ? new TrainingJob()
            : manifests.Jobs is [var only] ? only : throw new UserErrorException($"{result.GetValue(_file)}: it must hold exactly one TrainingJob");
        return Over(result, job, leavesData || manifests is not null);
    }

    /// <summary>A job with flags over what it says.</summary>
    /// <param name="leavesData">How many GPUs there are is left open where nobody says it.</param>
    /// <exception cref="UserErrorException">GPUs do not multiply out.</exception>
    public TrainingJob Over(ParseResult result, TrainingJob job, bool leavesData)
    {
        job.Metadata ??= new V1ObjectMeta();
        var spec = job.Spec ??= new TrainingJobSpec();
        spec.Model = _model.Read(result, spec.Model);
        _training.Apply(result, spec.Training ??= new TrainingSettings());
        _parallelism.Apply(result, spec.Parallelism ??= new ParallelismSettings(), leavesData);
        if (result.GetValue(_gpusPerNode) is { } gpusPerNode)
            (spec.Placement ??= new PlacementSettings()).GpusPerNode = gpusPerNode;
        return job;
    }
}
