using GpuMem.Api.Nodes;
using GpuMem.Api.Pods;
using GpuMem.Api.TrainingJobs;
using GpuMem.Estimation;
using GpuMem.Estimation.Jobs;
using GpuMem.Planning;
using GpuMem.Planning.Words;

namespace GpuMem.Api.Decisions;

/// <summary>What GpuMem decided about a TrainingJob against the pools there are: one plan, and the words for it.</summary>
public sealed record JobDecision : WorkloadDecision
{
    public required TrainingJob Job { get; init; }

    public required Plan Plan { get; init; }

    /// <summary>Where the job goes: where it fits or, when policy only warns, where it comes nearest. Null when it goes nowhere.</summary>
    public Candidate? Placement => Denies ? null : Plan.Best;

    public override IPodDescription Description => Job;

    public override Verdict Verdict => Plan.Verdict;

    public override ICandidate? Best => Plan.Best;

    public override Estimate? Estimate => Plan.Estimate;

    public override IReadOnlyList<JobProblem> Problems => Plan.Problems;

    public override string Line => VerdictText.Line(Plan);

    public override string Text => VerdictText.Full(Plan, Plan.Verdict == Verdict.Fits || Job.Name() is null ? null : $"kubectl describe trainingjob/{Job.Name()}", Assumed ?? Counted);

    /// <summary>GPUs that the workload starts, where the data parallel size follows from them; null otherwise.</summary>
    public long? Started { get; init; }

    public override IEnumerable<string> Fixes => Plan.Suggestions.Select(VerdictText.Fix);

    /// <summary>A fix that changes what follows from the workload is one of the workload: its author must know which number to change.</summary>
    private string? Counted => Started is { } gpus && Plan.Suggestions.Take(3).Any(fix => fix.Changes.Any(change => change.Path == "parallelism.data"))
        ? $"counts the {gpus} GPU{(gpus == 1 ? "" : "s")} that the workload starts: parallelism.data follows from that number, so change it there"
        : null;

    internal override JobDecision PlacementOnly => this with
    {
        Inventory = new PoolInventory(Entry is { } entry ? [entry] : []),
        Plan = new Plan { Verdict = Plan.Verdict, Candidates = Plan.Best is { } best ? [best] : [] },
    };

    protected override bool IsGuess => Plan.Estimate?.IsGuess == true;

    /// <summary>The decision about the job as a whole, on any pool that it names.</summary>
    public static JobDecision Of(TrainingJob job, PoolInventory inventory, IConfigMapModels configMaps)
    {
        // The template's own node selector and tolerations bind the job as they would bind its pods.
        var template = job.Spec?.Template is { } raw ? PodTemplate.Spec(raw) : null;
        var reach = ReachableGpus.Of(template, job.Namespace(), inventory, job.Spec?.Template is { } written ? PodTemplate.Share(written) : null, claimedToo: job.Spec?.Placement?.Pools is { Count: > 0 });
        return reach.Unknown is { } device ? On(device, job, configMaps) : Of(job, reach.Pools, configMaps, reach.Count ?? job.FixedGpusOfTemplate());
    }

    /// <summary>The decision about one pod of the job, on the pools that this pod can reach.</summary>
    /// <param name="share">The part of a GPU that the pod asks for beside its <c>spec</c>; null leaves it to that.</param>
    /// <param name="together">GPUs of all pods of the workload.</param>
    public static JobDecision Of(TrainingJob job, V1PodSpec pod, PoolInventory inventory, IConfigMapModels configMaps, GpuShare? share = null, GpusTogether together = default)
    {
        var reach = ReachableGpus.Of(pod, job.Namespace(), inventory, share);
        if (reach.Unknown is { } device)
            return On(device, job, configMaps);
        var asked = PodGpus.Of(pod).Count;
        return Of(job, reach.Pools, configMaps, reach.Count ?? (asked > 0 ? together.PodSize ?? (int)Math.Min(asked, int.MaxValue) : null), together);
    }

    /// <summary>The decision about pods that ask for no GPUs yet, if each were given so many.</summary>
    public static JobDecision Of(TrainingJob job, V1PodSpec pod, int gpusOfPod, PoolInventory inventory, IConfigMapModels configMaps, GpusTogether together) =>
        Of(job, PoolReach.Of(inventory, pod, null), configMaps, gpusOfPod, together);

    /// <summary>
    /// The pod says what it runs on, and it is nothing that GpuMem knows the memory of: held against no pool, and left as it is, for nothing in
    /// <see cref="WorkloadDecision.Inventory"/> can be its place.
    /// </summary>
    private static JobDecision On(UnknownDevice device, TrainingJob job, IConfigMapModels configMaps)
    {
        var request = TrainingJobReader.Read(job, configMaps, device.Count, out var problems);
        return new JobDecision
        {
            Job = job,
            Inventory = PoolInventory.Empty,
            Plan = request is null ? new Plan { Verdict = Verdict.Invalid, Problems = problems } : Planner.Plan(request with { Pools = [] }, [device.AsPool(request.GpusPerNode)]),
        };
    }

    private static JobDecision Of(TrainingJob job, PoolInventory inventory, IConfigMapModels configMaps, int? gpusOfPod, GpusTogether together = default)
    {
        var request = TrainingJobReader.Read(job, configMaps, gpusOfPod, out var problems, together);
        return new JobDecision
        {
            Job = job,
            Assumed = request is { DataIsAuto: false } && job.Spec?.Parallelism?.Data is null or { Value: "Auto" } ? together.Assumed : null,
            Started = together.IsCounted && job.Spec?.Parallelism?.Data is null or { Value: "Auto" } ? together.Count : null,
            Contradiction = request is { DataIsAuto: false } && together is { IsCounted: true, Count: { } started } && request.Job.Parallelism.WorldSize is var said && said != started
                ? $"the TrainingJob says {said} GPUs and the workload starts {started}: the answer is for {said}"
                : null,
            Inventory = inventory,
            Plan = request is null ? new Plan { Verdict = Verdict.Invalid, Problems = problems } : Planner.Plan(request, inventory.Pools),
        };
    }
}
