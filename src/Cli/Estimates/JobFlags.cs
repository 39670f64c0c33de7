using System.CommandLine;
using GpuMem.Api.TrainingJobs;
using GpuMem.Cli.Models;

namespace GpuMem.Cli.Estimates;

/// <summary>A TrainingJob on the command line: a flag for each field that an estimate depends on, each over what a file says. docs/trainingjob.md lists both.</summary>
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

    /// <exception cref="UserErrorException">A file cannot be read, or GPUs do not multiply out.</exception>
    public TrainingJob Read(ParseResult result)
    {
        var file = result.GetValue(_file);
        var job = file is null ? new TrainingJob()
            : Manifests.Read([file]).Jobs is [var only] ? only : throw new UserErrorException($"{file}: it must hold exactly one TrainingJob");
        job.Metadata ??= new V1ObjectMeta();
        var spec = job.Spec ??= new TrainingJobSpec();
        spec.Model = _model.Read(result, spec.Model);
        _training.Apply(result, spec.Training ??= new TrainingSettings());
        _parallelism.Apply(result, spec.Parallelism ??= new ParallelismSettings(), fromFile: file is not null);
        if (result.GetValue(_gpusPerNode) is { } gpusPerNode)
            (spec.Placement ??= new PlacementSettings()).GpusPerNode = gpusPerNode;
        return job;
    }
}
