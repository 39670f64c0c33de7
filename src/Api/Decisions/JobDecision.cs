using GpuMem.Api.Nodes;
using GpuMem.Api.Pods;
using GpuMem.Api.TrainingJobs;
using GpuMem.Planning;
using GpuMem.Planning.Words;

namespace GpuMem.Api.Decisions;

/// <summary>What GpuMem decided about a TrainingJob against the pools there are: one plan, and the words for it.</summary>
public sealed record JobDecision
{
    public required TrainingJob Job { get; init; }

    public required Plan Plan { get; init; }

    /// <summary>The pools the job was held against.</summary>
    public required PoolInventory Inventory { get; init; }

    /// <summary>Where the job goes: where it fits or, when policy only warns, where it comes nearest. Null when it goes nowhere.</summary>
    public Candidate? Placement => Denies ? null : Plan.Best;

    /// <summary>The pool of <see cref="Placement"/>, with its selector and taints.</summary>
    public PoolEntry? Entry => Placement is { } placement ? Inventory.Find(placement.Pool.Name) : null;

    /// <summary>A pod of this job is to be refused.</summary>
    public bool Denies => TrainingJobReader.ModeOf(Job) == PolicyMode.Enforce && Plan.Verdict switch
    {
        Verdict.DoesNotFit or Verdict.Impossible => true,
        Verdict.Unknown => Job.Spec?.Policy?.UnknownCapacity == UnknownCapacity.Deny && Plan.Best?.IsGuess != true,
        _ => false,
    };

    /// <summary>A pod of this job is admitted with a word of warning.</summary>
    public bool Warns => !Denies && TrainingJobReader.ModeOf(Job) != PolicyMode.Off && (Plan.Verdict != Verdict.Fits || Plan.Estimate?.IsGuess == true);

    /// <summary>As much as a pod's rewriting needs: what is remembered of a decision must be small, and the candidates of all pools are not.</summary>
    internal JobDecision PlacementOnly => this with
    {
        Inventory = new PoolInventory(Entry is { } entry ? [entry] : []),
        Plan = new Plan { Verdict = Plan.Verdict, Candidates = Plan.Best is { } best ? [best] : [] },
    };

    public string Line => VerdictText.Line(Plan);

    public string Text => VerdictText.Full(Plan, Plan.Verdict == Verdict.Fits ? null : $"kubectl describe trainingjob/{Job.Name()}");

    /// <summary>The decision about the job as a whole, on any pool that it names.</summary>
    public static JobDecision Of(TrainingJob job, PoolInventory inventory, IConfigMapModels configMaps)
    {
        // The template's own node selector and tolerations bind the job as they would bind its pods.
        var template = job.Spec?.Template is { } raw ? PodTemplate.Spec(raw) : null;
        return UnknownDevice.Of(template) is { } device
            ? On(device, job, configMaps)
            : Of(job, PoolReach.Of(inventory, template, PodGpus.Of(template).ResourceName), configMaps, TrainingJobReader.FixedGpusOfTemplate(job));
    }

    /// <summary>The decision about one pod of the job, on the pools that this pod can reach.</summary>
    public static JobDecision Of(TrainingJob job, V1PodSpec pod, PoolInventory inventory, IConfigMapModels configMaps)
    {
        if (UnknownDevice.Of(pod) is { } device)
            return On(device, job, configMaps);
        var gpus = PodGpus.Of(pod);
        return Of(job, PoolReach.Of(inventory, pod, gpus.ResourceName), configMaps, gpus.Count > 0 ? (int)Math.Min(gpus.Count, int.MaxValue) : null);
    }

    /// <summary>
    /// The pod says what it runs on, and it is nothing that GpuMem knows the memory of: held against no pool, and left as it is, for nothing in
    /// <see cref="Inventory"/> can be its place.
    /// </summary>
    private static JobDecision On(UnknownDevice device, TrainingJob job, IConfigMapModels configMaps)
    {
        var request = TrainingJobReader.Read(job, configMaps, device.Count, out var problems);
        var pool = new Pool
        {
            Name = device.Name,
            Product = device.Name,
            ResourceName = device.Name,
            UsableMemory = null,
            GpusPerNode = device.Count ?? request?.GpusPerNode ?? 1,
            Nodes = 0,
            MaxNodes = 100_000,
            Unknown = device.IsClaim ? "the memory of the devices that it claims is not known" : $"the memory of {device.Name} is not known",
        };
        return new JobDecision
        {
            Job = job,
            Inventory = PoolInventory.Empty,
            Plan = request is null ? new Plan { Verdict = Verdict.Invalid, Problems = problems } : Planner.Plan(request with { Pools = [] }, [pool]),
        };
    }

    private static JobDecision Of(TrainingJob job, PoolInventory inventory, IConfigMapModels configMaps, int? gpusOfPod)
    {
        var request = TrainingJobReader.Read(job, configMaps, gpusOfPod, out var problems);
        return new JobDecision
        {
            Job = job,
            Inventory = inventory,
            Plan = request is null ? new Plan { Verdict = Verdict.Invalid, Problems = problems } : Planner.Plan(request, inventory.Pools),
        };
    }
}
