using GpuMem.Api.TrainingJobs;
using GpuMem.Planning;

namespace GpuMem.Api.ModelServers;

/// <summary>Where a ModelServer stands, in one word.</summary>
public enum ModelServerPhase
{
    /// <summary>Not looked at yet, or something is missing that may still come.</summary>
    Pending,

    /// <summary>It has a plan, and nothing to launch or leave to launch.</summary>
    Admitted,

    /// <summary>It would not start or cannot be; nothing was launched, and what was launched before stays.</summary>
    Rejected,

    /// <summary>Its Deployment or LeaderWorkerSet was created.</summary>
    Launched,

    /// <summary>At least one replica is available.</summary>
    Running,
}

[Description("What GpuMem found and did. Sizes are quantities of bytes, 61.2Gi.")]
public sealed class ModelServerStatus
{
    [Description("Generation of the spec that this status is about.")]
    public long? ObservedGeneration { get; set; }

    [Description("Where the server stands.")]
    public ModelServerPhase? Phase { get; set; }

    [Description(
        "Would the engine start and serve this context? Fits, AtRisk (it may not start, or not hold all sequences at once), Unknown (a GPU's memory "
        + "is not known), DoesNotFit, Impossible (not even its weights fit) or Invalid.")]
    public Verdict? Verdict { get; set; }

    [Length(0, 1024)]
    [Description("The verdict in words, with the fixes.")]
    public string? Message { get; set; }

    [Description("The model as GpuMem understood it.")]
    public ModelStatus? Model { get; set; }

    [Description("Memory of the most loaded GPU, with the cache of all sequences asked for.")]
    public EstimateStatus? Estimate { get; set; }

    [Description("What one replica can hold there.")]
    public HoldsStatus? Holds { get; set; }

    [Description("Where a replica runs, or the pool that came nearest.")]
    public PlanStatus? Plan { get; set; }

    [Items(maxItems: 64)]
    [Description("The pools considered, the best first.")]
    public IList<ServerCandidateStatus>? Candidates { get; set; }

    [Items(maxItems: 8)]
    [Description("Changes that make the engine start and serve, the cheapest first.")]
    public IList<SuggestionStatus>? Suggestions { get; set; }

    [Description("The workload that was launched.")]
    public LaunchedStatus? Launched { get; set; }

    [Items(maxItems: 16)]
    [XListType(XListType.Map)]
    [XListMapKeys("type")]
    [Description("Conditions: Estimated, CapacityKnown, Fits, Launched, Available, Stalled.")]
    public IList<Condition>? Conditions { get; set; }
}

[XMapTypeAtomic]
public sealed class HoldsStatus
{
    [Length(0, 32)]
    [Description("What the engine has left for the cache, of one GPU. Example: 31.4Gi.")]
    public string? Cache { get; set; }

    [Description("Tokens of all sequences together, at the length asked for.")]
    public long? Tokens { get; set; }

    [Description("Sequences of the length asked for; more wait for their turn.")]
    public long? Sequences { get; set; }

    [Description("The longest single sequence, in tokens.")]
    public long? MaxContext { get; set; }
}

public sealed class ServerCandidateStatus
{
    [Length(0, 253)]
    [Description("The pool.")]
    public string? Pool { get; set; }

    [Description("Would the engine start and serve there?")]
    public Verdict? Verdict { get; set; }

    [Description("Tensor parallel size.")]
    public int? Tensor { get; set; }

    [Description("GPUs of one replica.")]
    public long? Gpus { get; set; }

    [Length(0, 32)]
    [Description("Expected memory per GPU there.")]
    public string? PerGPU { get; set; }

    [Description("The longest single sequence there, in tokens; left out where no memory is known.")]
    public long? MaxContext { get; set; }

    [Length(0, 512)]
    [Description("What else there is to know.")]
    public string? Note { get; set; }
}
