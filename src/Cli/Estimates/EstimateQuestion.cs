using System.CommandLine;
using GpuMem.Api.Commands;
using GpuMem.Api.Commands.Training;
using GpuMem.Api;
using GpuMem.Api.TrainingJobs;
using GpuMem.Catalogues.Gpus;
using GpuMem.Cli.Inference;
using GpuMem.Estimation.Jobs;
using GpuMem.Page.Answers;
using GpuMem.Planning.Search;

namespace GpuMem.Cli.Estimates;

/// <summary>A job and perhaps a GPU on the command line, and the estimate of it: what <c>estimate</c> and <c>explain</c> share.</summary>
internal sealed class EstimateQuestion
{
    private readonly JobFlags _flags = new();
    private readonly Option<string?> _gpu = new("--gpu") { Description = "hold it against this GPU, e.g. h100-80gb, a10g, NVIDIA-A100-SXM4-80GB" };

    private readonly Option<int?> _stage = Flag.Number<int>("--stage", "the pipeline stage to look at, from 0 (default: the most loaded one)");

    public void AddTo(Command command)
    {
        command.Add(_gpu);
        command.Add(_stage);
        _flags.AddTo(command);
    }

    /// <summary>The first flag that asks about something else than an object of a cluster; null when none is given.</summary>
    public string? FirstGiven(ParseResult result) =>
        Array.Find<Option>([_gpu, _stage], option => result.GetResult(option) is { Implicit: false })?.Name ?? _flags.FileGiven(result) ?? _flags.FirstGiven(result);

    /// <summary>What a file about serving is answered with; null when the question is one of training.</summary>
    /// <exception cref="UserErrorException">It cannot be, or flags of a training job are given beside it.</exception>
    public ServingAnswer? Served(ParseResult result, Manifests? manifests)
    {
        if (manifests is not { Served: [var served], Jobs: [] })
            return null;
        return _flags.FirstGiven(result) is { } flag
            ? throw new UserErrorException($"{flag} is of a TrainingJob, and the file says how a model is served; use gpumem inference -f and its flags")
            : InferenceQuestion.Answer(served, Gpu(result.GetValue(_gpu)));
    }

    /// <summary>The server as it starts on the GPU that is asked about.</summary>
    public EngineCommand On(ParseResult result, EngineCommand command) => Gpu(result.GetValue(_gpu)) is { } gpu ? command.On([gpu.Name]) : command;

    /// <summary>What a server that a pod's command starts is answered with; the model may be named by flags, where the command has only a path.</summary>
    /// <exception cref="UserErrorException">As above.</exception>
    public ServingAnswer Started(ParseResult result, EngineCommand command)
    {
        if (_flags.FirstOfTraining(result) is { } flag)
            throw new UserErrorException($"{flag} is of a TrainingJob, and the pod starts a server; use gpumem inference and its flags");
        command.Settings.Model = _flags.Model(result, command.Settings.Model, ways: "--model ID or --config FILE");
        return InferenceQuestion.Answer(command, Gpu(result.GetValue(_gpu)));
    }

    public Manifests? File(ParseResult result, bool workloads = false) => _flags.File(result, workloads);

    /// <summary>What a training that a pod's command starts is answered with; flags go over what the command says. Beside words that are not understood nothing is denied for sure.</summary>
    /// <exception cref="UserErrorException">As below.</exception>
    public TrainingAnswer Started(ParseResult result, TrainingCommand command) =>
        Answer(result, Job(result, command)) with { IsCertain = command.NotUnderstood.Count == 0 };

    /// <summary>The job that a pod's command amounts to, with flags over it.</summary>
    /// <exception cref="UserErrorException">Its model is not known.</exception>
    public TrainingJob Job(ParseResult result, TrainingCommand command) => _flags.Over(result, new TrainingJob
    {
        ApiVersion = $"{ApiGroup.Name}/{ApiGroup.Version}",
        Kind = nameof(TrainingJob),
        Metadata = new V1ObjectMeta { Name = command.Container },
        Spec = command.Job,
    }, leavesData: true);

    /// <exception cref="UserErrorException">The job cannot be, or is not fully described.</exception>
    public TrainingAnswer Answer(ParseResult result, Manifests? manifests) => Answer(result, _flags.Read(result, manifests));

    private TrainingAnswer Answer(ParseResult result, TrainingJob manifest)
    {
        var held = Gpu(result.GetValue(_gpu));
        var request = TrainingJobReader.Read(manifest, NoConfigMaps.Instance, gpusOfPod: null, out var problems)
            ?? throw Invalid(problems);
        if (request.Open != OpenFields.None && held is null)
            throw new UserErrorException(request.Open == OpenFields.Data
                ? "parallelism.data is Auto: give --gpu, so that the smallest size that fits can be found, or --gpus"
                : "what is Auto depends on the GPU: give --gpu, or use gpumem plan");

        var answer = TrainingAnswer.Of(request, held, out problems) ?? throw Invalid(problems);
        return Stage(result, manifest, answer.Job) is { } stage ? answer.At(stage) : answer;
    }

    private int? Stage(ParseResult result, TrainingJob manifest, JobSpec job)
    {
        if (result.GetValue(_stage) is not { } stage)
            return TrainingJobStage.Of(manifest, out var problem) is { } annotated ? annotated : problem is null ? null : throw new UserErrorException(problem);
        return stage >= 0 && stage < job.Parallelism.Pipeline
            ? stage
            : throw new UserErrorException($"--stage {stage}: pipeline {job.Parallelism.Pipeline} has stages 0 to {job.Parallelism.Pipeline - 1}");
    }

    public static GpuModel? Gpu(string? name)
    {
        if (name is null)
            return null;
        return GpuCatalogue.TryFind(name, out var gpu)
            ? gpu
            : throw new UserErrorException($"--gpu {name}: {ClosestGpus.Explain(name, "gpumem gpus")}");
    }

    private static UserErrorException Invalid(IReadOnlyList<JobProblem> problems) => new(string.Join("\ngpumem: ", problems));
}
