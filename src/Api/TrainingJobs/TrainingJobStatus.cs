using GpuMem.Estimation;
using GpuMem.Planning;

namespace GpuMem.Api.TrainingJobs;

/// <summary>Where a TrainingJob stands, in one word.</summary>
public enum TrainingJobPhase
{
    /// <summary>Not looked at yet, or something is missing that may still come.</summary>
    Pending,

    /// <summary>It has a plan, and nothing to launch or leave to launch.</summary>
    Admitted,

    /// <summary>It does not fit or cannot be; nothing was launched.</summary>
    Rejected,
    Suspended,
    Launched,
    Running,
    Complete,
    Failed,
}

[Description("What GpuMem found and did. Sizes are quantities of bytes, 61.2Gi.")]
public sealed class TrainingJobStatus
{
    [Description("Generation of the spec that this status is about.")]
    public long? ObservedGeneration { get; set; }

    [Description("Where the job stands.")]
    public TrainingJobPhase? Phase { get; set; }

    [Description(
        "Does the job fit? Fits, AtRisk (it may run out of memory), Unknown (a GPU's memory is not known), DoesNotFit, Impossible "
        + "(not even its weights and states fit) or Invalid.")]
    public Verdict? Verdict { get; set; }

    [Length(0, 1024)]
    [Description("The verdict in words, with the fixes.")]
    public string? Message { get; set; }

    [Description("The model as GpuMem understood it.")]
    public ModelStatus? Model { get; set; }

    [Description("Memory of the most loaded GPU at its peak.")]
    public EstimateStatus? Estimate { get; set; }

    [Description("Where the job runs, or the pool that came nearest.")]
    public PlanStatus? Plan { get; set; }

    [Items(maxItems: 64)]
    [Description("The pools considered, the best first.")]
    public IList<CandidateStatus>? Candidates { get; set; }

    [Items(maxItems: 8)]
    [Description("Changes that make the job fit, the cheapest first.")]
    public IList<SuggestionStatus>? Suggestions { get; set; }

    [Description("The workload that was launched.")]
    public LaunchedStatus? Launched { get; set; }

    [Items(maxItems: 16)]
    [XListType(XListType.Map)]
    [XListMapKeys("type")]
    [Description("Conditions: Estimated, CapacityKnown, Fits, Launched, Complete, Failed, Stalled.")]
    public IList<Condition>? Conditions { get; set; }
}

[XMapTypeAtomic]
public sealed class ModelStatus
{
    [Length(0, 253)]
    [Description("Name of the model.")]
    public string? Name { get; set; }

    [Description("Parameters of the whole model.")]
    public long? Parameters { get; set; }
}

[XMapTypeAtomic]
public sealed class EstimateStatus
{
    [Length(0, 32)]
    [Description("Expected memory of the most loaded GPU. Example: 61.2Gi.")]
    public string? PerGPU { get; set; }

    [Length(0, 32)]
    [Description("What a real run is very unlikely to exceed.")]
    public string? UpperBound { get; set; }

    [Length(0, 32)]
    [Description("The certain part: weights, gradients and states.")]
    public string? LowerBound { get; set; }

    [Length(0, 32)]
    [Description(
        "Host memory of one pod for what its GPUs offload; loading the model and the data comes on top. Left out where nothing is "
        + "offloaded. Example: 240.0Gi.")]
    public string? HostMemoryPerPod { get; set; }

    [Description("How sure the estimate is; every assumption lowers it.")]
    public Confidence? Confidence { get; set; }

    [Length(0, 64)]
    [Description("The largest term.")]
    public string? LargestTerm { get; set; }

    [Description("The most loaded pipeline stage, from 0.")]
    public int? WorstPipelineStage { get; set; }

    [Description("When in a step the peak is reached.")]
    public Phase? PeakPhase { get; set; }

    [Items(maxItems: 32)]
    [Description("The parts of the estimate at its peak.")]
    public IList<TermStatus>? Terms { get; set; }

    [Items(maxItems: 32, MaxLength = 512)]
    [Description("What had to be assumed.")]
    public IList<string>? Assumptions { get; set; }

    [Length(0, 32)]
    [Description("Version of the formulas.")]
    public string? FormulaVersion { get; set; }
}

public sealed class TermStatus
{
    [Description("What the memory is for.")]
    public TermKind? Name { get; set; }

    [Length(0, 32)]
    [Description("Expected size.")]
    public string? Size { get; set; }
}

[XMapTypeAtomic]
public sealed class PlanStatus
{
    [Length(0, 253)]
    [Description("The pool.")]
    public string? Pool { get; set; }

    [Length(0, 253)]
    [Description("The pool's GPU.")]
    public string? Product { get; set; }

    [Length(0, 32)]
    [Description("What a process can allocate on one GPU of the pool.")]
    public string? Capacity { get; set; }

    [Description("GPUs in all.")]
    public long? Gpus { get; set; }

    [Description("Pods, one to a node.")]
    public long? Nodes { get; set; }

    [Description("GPUs of one pod.")]
    public int? GpusPerNode { get; set; }

    [Length(0, 32)]
    [Description("Pods times GPUs of each. Example: 2x8.")]
    public string? Layout { get; set; }

    [Description("Data parallel size.")]
    public int? Data { get; set; }

    [Length(0, 512)]
    [Description("What was chosen for fields that were left Auto. Example: parallelism.tensor=8, training.recompute=Full.")]
    public string? Chosen { get; set; }

    [Description("Tokens per second of all GPUs while they train, roughly.")]
    public long? TokensPerSecond { get; set; }

    [Length(0, 253)]
    [Description("The extended resource that pods ask for.")]
    public string? ResourceName { get; set; }

    [Length(0, 253)]
    [Description("What was changed in the pod template. Example: nvidia.com/gpu 1→8.")]
    public string? Rewritten { get; set; }

    [Length(0, 32)]
    [Description("Price of all GPUs per hour, in the unit in which the pools declare it.")]
    public string? HourlyCost { get; set; }

    [Length(0, 512)]
    [Description("What else there is to know of this placement.")]
    public string? Note { get; set; }
}

public sealed class CandidateStatus
{
    [Length(0, 253)]
    [Description("The pool.")]
    public string? Pool { get; set; }

    [Description("Does the job fit there?")]
    public Verdict? Verdict { get; set; }

    [Description("GPUs the job would use there.")]
    public long? Gpus { get; set; }

    [Length(0, 32)]
    [Description("Expected memory per GPU there.")]
    public string? PerGPU { get; set; }

    [Length(0, 32)]
    [Description("Memory that is missing per GPU, when it does not fit.")]
    public string? Short { get; set; }

    [Length(0, 32)]
    [Description("Memory of a GPU that stays free, by the expected size.")]
    public string? Headroom { get; set; }

    [Length(0, 32)]
    [Description("Price of all GPUs per hour, in the unit in which the pools declare it.")]
    public string? HourlyCost { get; set; }

    [Description("Tokens per second of all GPUs while they train, roughly.")]
    public long? TokensPerSecond { get; set; }

    [Length(0, 512)]
    [Description("What else there is to know.")]
    public string? Note { get; set; }
}

public sealed class SuggestionStatus
{
    [Length(0, 512)]
    [Description("The fields to set below spec. Example: training.recompute: Full.")]
    public string? Change { get; set; }

    [Length(0, 1024)]
    [Description("The same as a merge patch, for kubectl patch --type merge -p PATCH.")]
    public string? Patch { get; set; }

    [Length(0, 32)]
    [Description("Expected memory per GPU after the change.")]
    public string? PerGPU { get; set; }

    [Length(0, 253)]
    [Description("Where the changed job would run.")]
    public string? Pool { get; set; }

    [Description("GPUs it would use there.")]
    public long? Gpus { get; set; }

    [Description("The verdict after the change.")]
    public Verdict? Verdict { get; set; }

    [Length(0, 256)]
    [Description("What the change costs. Example: about 30 % slower.")]
    public string? Cost { get; set; }
}

[XMapTypeAtomic]
public sealed class LaunchedStatus
{
    [Length(0, 253)]
    [Description("API version of the workload.")]
    public string? ApiVersion { get; set; }

    [Length(0, 63)]
    [Description("Kind of the workload.")]
    public string? Kind { get; set; }

    [Length(0, 253)]
    [Description("Name of the workload.")]
    public string? Name { get; set; }
}
