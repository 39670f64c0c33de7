using System.Globalization;
using GpuMem.Api.Pods;
using GpuMem.Estimation.Jobs;
using GpuMem.Planning;

namespace GpuMem.Api.TrainingJobs;

/// <summary>
/// Turns a TrainingJob into what planning understands, filling in the defaults that the field descriptions promise. The API server has
/// checked the schema of objects in a cluster, but not of files, and older servers know no CEL: so everything is checked here too.
/// </summary>
public static class TrainingJobReader
{
    /// <returns>Null when <paramref name="problems"/> has entries.</returns>
    /// <param name="gpusOfPod">GPUs that the pod in question asks for, when its author fixed them; null leaves the choice to the plan.</param>
    public static PlanRequest? Read(TrainingJob job, IConfigMapModels configMaps, int? gpusOfPod, out IReadOnlyList<JobProblem> problems)
    {
        List<JobProblem> found = [];
        problems = found;
        var spec = job.Spec ?? new TrainingJobSpec();
        if (spec.Template is not null && spec.TargetRef is not null)
            found.Add(new JobProblem("template", "give template (GpuMem launches the job) or targetRef (somebody else does), not both"));
        var model = ModelReader.Read(spec.Model, job.Namespace(), configMaps, found);
        var training = Training(spec.Training, found);
        var data = Count(spec.Parallelism?.Data, "parallelism.data", found);
        var perNode = Count(spec.Placement?.GpusPerNode, "placement.gpusPerNode", found);
        if (model is null || training is null || found.Count > 0)
            return null;
        var parallelism = spec.Parallelism ?? new ParallelismSettings();
        return new PlanRequest
        {
            DataIsAuto = data is null,
            GpusPerNode = gpusOfPod ?? perNode,
            Pools = [.. spec.Placement?.Pools ?? []],
            Objective = spec.Placement?.Objective ?? Objective.Cost,
            HeadroomPercent = spec.Policy?.HeadroomPercent ?? 0,
            Job = new JobSpec
            {
                Model = model,
                Training = training,
                Parallelism = new ParallelismSpec
                {
                    Tensor = parallelism.Tensor ?? 1,
                    Pipeline = parallelism.Pipeline ?? 1,
                    Context = parallelism.Context ?? 1,
                    Expert = parallelism.Expert ?? 1,
                    Data = data ?? 1,
                    Sharding = parallelism.Sharding ?? (training.Framework == TrainingFramework.PyTorchFSDP ? Sharding.Full : Sharding.None),
                    SequenceParallel = parallelism.SequenceParallel ?? false,
                },
            },
        };
    }

    /// <summary>GPUs of one pod that the template's author fixed and policy does not let us rewrite; null when the plan decides.</summary>
    public static int? FixedGpusOfTemplate(TrainingJob job)
    {
        if (job.Spec?.Template is not { } template || RewriteOf(job) == RewriteMode.Always)
            return null;
        var count = PodGpus.Of(PodTemplate.Spec(template)).Count;
        return count > 0 ? (int)Math.Min(count, int.MaxValue) : null;
    }

    public static RewriteMode RewriteOf(TrainingJob job) => job.Spec?.Policy?.Rewrite ?? RewriteMode.IfUnset;

    public static PolicyMode ModeOf(TrainingJob job) => job.Spec?.Policy?.Mode ?? PolicyMode.Enforce;

    private static TrainingSpec? Training(TrainingSettings? settings, List<JobProblem> problems)
    {
        if (settings?.SequenceLength is not { } sequenceLength)
        {
            problems.Add(new JobProblem("training.sequenceLength", "is needed: the tokens of one sequence, 8192 for example"));
            return null;
        }
        var method = settings.Method ?? TrainingMethod.Full;
        return new TrainingSpec
        {
            Method = method,
            Framework = settings.Framework ?? TrainingFramework.PyTorchFSDP,
            Precision = settings.Precision ?? Precision.BF16Mixed,
            Optimizer = settings.Optimizer ?? Optimizer.AdamW,
            SequenceLength = sequenceLength,
            MicroBatchSize = settings.MicroBatchSize ?? 1,
            GlobalBatchSize = settings.GlobalBatchSize,
            Recompute = settings.Recompute ?? Recompute.None,
            Attention = settings.Attention ?? AttentionKernel.Flash,
            Loss = settings.Loss ?? LossKernel.Full,
            FusedKernels = settings.FusedKernels,
            Lora = method == TrainingMethod.Full ? null : new LoraSpec { Rank = settings.Lora?.Rank ?? 16, TargetModules = [.. settings.Lora?.TargetModules ?? []] },
        };
    }

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
