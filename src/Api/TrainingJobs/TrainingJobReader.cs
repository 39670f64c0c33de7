using System.Globalization;
using GpuMem.Api.Json;
using GpuMem.Api.Pods;
using GpuMem.Estimation.Jobs;
using GpuMem.Planning;
using GpuMem.Planning.Search;

namespace GpuMem.Api.TrainingJobs;

/// <summary>
/// Turns a TrainingJob into what planning understands, filling in the defaults that the field descriptions promise. The API server has
/// checked the schema of objects in a cluster, but not of files, and older servers know no CEL: so everything is checked here too.
/// </summary>
public static class TrainingJobReader
{
    /// <returns>Null when <paramref name="problems"/> has entries.</returns>
    /// <param name="gpusOfPod">GPUs that the pod in question asks for, when its author fixed them; null leaves the choice to the plan.</param>
    /// <param name="together">GPUs of all its pods, where they are known: what is left open of their division follows from it.</param>
    public static PlanRequest? Read(TrainingJob job, IConfigMapModels configMaps, int? gpusOfPod, out IReadOnlyList<JobProblem> problems, GpusTogether together = default)
    {
        List<JobProblem> found = [];
        problems = found;
        var spec = job.Spec ?? new TrainingJobSpec();
        if (spec.Template is not null && spec.TargetRef is not null)
            found.Add(new JobProblem("template", "give template (GpuMem launches the job) or targetRef (somebody else does), not both"));
        var model = ModelReader.Read(spec.Model, job.Namespace(), configMaps, found);
        List<JobProblem> counts = [];
        var data = Count(spec.Parallelism?.Data, "parallelism.data", counts) ?? (counts.Count == 0 ? DataOf(together, spec.Parallelism, counts) : null);
        var training = TrainingReader.Read(spec.Training, data == 1 && IsOneCopyOneGpu(spec.Parallelism), spec.Parallelism?.Sharding?.Value, spec.Parallelism?.FsdpVersion, model?.CheckpointQuantization?.Usual, found);
        found.AddRange(counts);
        if (spec.Training is { MicroBatchSize: { IsAuto: true }, GlobalBatchSize: null })
            found.Add(new JobProblem("training.microBatchSize", "Auto divides globalBatchSize, which is not given: give that, or a microBatchSize"));
        var perNode = Count(spec.Placement?.GpusPerNode, "placement.gpusPerNode", found);
        if (model is null || training is null || found.Count > 0)
            return null;
        return new PlanRequest
        {
            Open = OpenIn(spec) | (data is null ? OpenFields.Data : OpenFields.None),
            GpusPerNode = gpusOfPod ?? perNode,
            Pools = [.. spec.Placement?.Pools ?? []],
            Objective = spec.Placement?.Objective ?? Objective.Cost,
            HeadroomPercent = spec.Policy?.HeadroomPercent ?? 0,
            Job = new JobSpec
            {
                Model = model,
                Training = training,
                Parallelism = ParallelismReader.Read(spec.Parallelism ?? new ParallelismSettings(), training, data ?? 1, gpusOfPod ?? perNode),
            },
        };
    }

    /// <summary>The data parallel size that all GPUs together leave; null where they are not known, or the layout is open too.</summary>
    private static int? DataOf(GpusTogether together, ParallelismSettings? layout, List<JobProblem> problems)
    {
        if (together.Count is not { } gpus || layout is { Tensor.IsAuto: true } or { Pipeline.IsAuto: true } or { Context.IsAuto: true })
            return null;
        var (tensor, pipeline, context) = (layout?.Tensor?.Value ?? 1, layout?.Pipeline?.Value ?? 1, layout?.Context?.Value ?? 1);
        var model = Int128.Max(1, (Int128)tensor * pipeline * context);
        if (gpus % model == 0 && gpus / model <= JobLimits.MaxParallelDegree)
            return (int)(gpus / model);
        if (together.Assumed is null)
            problems.Add(new JobProblem("parallelism", $"the workload starts {gpus} GPUs, which tensor {tensor} × pipeline {pipeline} × context {context} do not divide; start a multiple of {model}"));
        return null;
    }

    /// <summary>One GPU holds a whole copy, and nobody asked for it to be divided.</summary>
    private static bool IsOneCopyOneGpu(ParallelismSettings? layout) =>
        layout is null || (IsOne(layout.Tensor) && IsOne(layout.Pipeline) && IsOne(layout.Context) && layout.Sharding is null or { Value: Sharding.None });

    private static bool IsOne(OrAuto<int>? degree) => degree is null or { Value: 1 };

    private static OpenFields OpenIn(TrainingJobSpec spec) =>
        Open(spec.Parallelism?.Tensor, OpenFields.Tensor)
        | Open(spec.Parallelism?.Pipeline, OpenFields.Pipeline)
        | Open(spec.Parallelism?.Context, OpenFields.Context)
        | Open(spec.Parallelism?.Expert, OpenFields.Expert)
        | Open(spec.Parallelism?.Sharding, OpenFields.Sharding)
        | Open(spec.Training?.Recompute, OpenFields.Recompute)
        | Open(spec.Training?.MicroBatchSize, OpenFields.MicroBatchSize);

    private static OpenFields Open<T>(OrAuto<T>? value, OpenFields field)
        where T : struct => value is { IsAuto: true } ? field : OpenFields.None;

    /// <summary>A number of 1 or more, or null for Auto.</summary>
    private static int? Count(IntOrString? value, string path, List<JobProblem> problems)
    {
        if (value is not { } given || given.Value == "Auto")
            return null;
        if (int.TryParse(given.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1)
            return number;
        problems.Add(new JobProblem(path, $"'{given}' is not a number of 1 or more; give one, or Auto"));
        return null;
    }
}
