using System.CommandLine;
using GpuMem.Api.TrainingJobs;
using GpuMem.Cli.Inference;
using GpuMem.Estimation;
using GpuMem.Estimation.Gpus;
using GpuMem.Estimation.Jobs;
using GpuMem.Planning;

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

    /// <exception cref="UserErrorException">The job cannot be, or is not fully described.</exception>
    public EstimateAnswer Answer(ParseResult result) => Answer(result, _flags.File(result));

    /// <summary>What a file about serving is answered with; null when the question is one of training.</summary>
    /// <exception cref="UserErrorException">It cannot be, or flags of a training job are given beside it.</exception>
    public InferenceAnswer? Served(ParseResult result, Manifests? manifests)
    {
        if (manifests is not { Servers: [var server], Jobs: [] })
            return null;
        return _flags.FirstGiven(result) is { } flag
            ? throw new UserErrorException($"{flag} is of a TrainingJob, and the file holds an Inference; use gpumem inference -f and its flags")
            : InferenceQuestion.Answer(server.Spec ?? new(), Gpu(result.GetValue(_gpu)));
    }

    public Manifests? File(ParseResult result) => _flags.File(result);

    /// <exception cref="UserErrorException">As above.</exception>
    public EstimateAnswer Answer(ParseResult result, Manifests? manifests)
    {
        var held = Gpu(result.GetValue(_gpu));
        var manifest = _flags.Read(result, manifests);
        var request = TrainingJobReader.Read(manifest, NoConfigMaps.Instance, gpusOfPod: null, out var problems)
            ?? throw Invalid(problems);
        var job = request.DataIsAuto ? Sized(request, held) : request.Job;
        try
        {
            var estimate = MemoryEstimator.Estimate(job, Stage(result, manifest, job));
            return new EstimateAnswer(job, estimate, held, held is null ? null : VerdictRule.Decide(estimate, held.UsableMemory, request.HeadroomPercent));
        }
        catch (InvalidJobException error)
        {
            throw Invalid(error.Problems);
        }
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
            : throw new UserErrorException($"--gpu {name}: not in the catalogue; it has, among others: {string.Join(", ", GpuCatalogue.All.Take(12).Select(model => model.Name))}");
    }

    /// <summary>With an open data parallel size the planner chooses it, as it would in a large cluster of this GPU.</summary>
    private static JobSpec Sized(PlanRequest request, GpuModel? gpu)
    {
        if (gpu is null)
            throw new UserErrorException("parallelism.data is Auto: give --gpu, so that the smallest size that fits can be found, or --gpus");
        var pool = new Pool { Name = gpu.Name, Product = gpu.Name, UsableMemory = gpu.UsableMemory, GpusPerNode = 8, Nodes = 128 };
        var plan = Planner.Plan(request with { Pools = [] }, [pool]);
        return plan.Best?.Job ?? throw Invalid(plan.Problems);
    }

    private static UserErrorException Invalid(IReadOnlyList<JobProblem> problems) => new(string.Join("\ngpumem: ", problems));
}

/// <summary>What <c>estimate</c> found.</summary>
internal sealed record EstimateAnswer(JobSpec Job, Estimate Estimate, GpuModel? Gpu, Verdict? Verdict);
