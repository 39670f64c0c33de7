using System.Text.Json.Nodes;
using GpuMem.Planning;

namespace GpuMem.Api.TrainingJobs;

[Description("What to train and how. Whatever is left out takes the default named in its description.")]
[ValidationRule("!(has(self.template) && has(self.targetRef))", message: "give template (GpuMem launches the job) or targetRef (somebody else does), not both")]
public sealed class TrainingJobSpec
{
    [Required]
    [Description("The model, in exactly one of five ways.")]
    public ModelSpec? Model { get; set; }

    [Required]
    [Description("How the model is trained.")]
    public TrainingSettings? Training { get; set; }

    [Description("How the work is divided over GPUs. Default: data parallel over as many GPUs as the memory needs.")]
    public ParallelismSettings? Parallelism { get; set; }

    [Description("Where the job may run. Default: any GPU pool.")]
    public PlacementSettings? Placement { get; set; }

    [Description("What GpuMem may do about it.")]
    public PolicySettings? Policy { get; set; }

    [PreserveUnknownFields]
    [Description(
        "The pod template, as in a Job: GpuMem launches one such pod per node, with GPU count, node pool and torchrun's PET_* "
        + "rendezvous filled in. Its author must be allowed to create pods in this namespace.")]
    public JsonObject? Template { get; set; }

    [Description("A workload that somebody else launches and that this job describes.")]
    public TargetReference? TargetRef { get; set; }

    [Description("True keeps the job from being launched; its estimate is still made. Default false.")]
    public bool? Suspend { get; set; }
}

[Description("Where the job may run.")]
public sealed class PlacementSettings
{
    [ValidationRule("type(self) == string ? self == 'Auto' : int(self) >= 1", message: "give Auto or a number of 1 or more")]
    [Description("GPUs of one pod, or Auto. Default Auto.")]
    public IntOrString? GpusPerNode { get; set; }

    [Items(maxItems: 64)]
    [Description("Names of GPU pools the job may use. Default: any. Example: [h100, h200].")]
    public IList<string>? Pools { get; set; }

    [Description("What makes one placement better than another. Default Cost.")]
    public Objective? Objective { get; set; }
}

/// <summary>What a verdict leads to.</summary>
public enum PolicyMode
{
    /// <summary>Estimate only.</summary>
    Off,

    /// <summary>Say it, and admit.</summary>
    Warn,

    /// <summary>Reject what does not fit.</summary>
    Enforce,
}

/// <summary>When the GPU count of a pod is rewritten.</summary>
public enum RewriteMode
{
    Never,

    /// <summary>Only where the pod asks for no GPU (the API conventions' rule for automatic writers).</summary>
    IfUnset,
    Always,
}

/// <summary>What becomes of a job when no GPU's memory is known.</summary>
public enum UnknownCapacity
{
    Allow,
    Deny,
}

[Description("What GpuMem may do about the job.")]
public sealed class PolicySettings
{
    [Description(
        "'Off' (in quotes, because YAML reads Off as false) estimates only, Warn says what it finds, Enforce rejects pods that cannot "
        + "fit. Default: as a label of the namespace says, else as in the whole cluster.")]
    public PolicyMode? Mode { get; set; }

    [Description(
        "Whether the GPU count that the pod template asks for is replaced by the plan's: Never, IfUnset (only where it asks for none) "
        + "or Always. Default IfUnset.")]
    public RewriteMode? Rewrite { get; set; }

    [RangeMinimum(0)]
    [RangeMaximum(99)]
    [Description(
        "Percent of each GPU that should stay free. A job without that headroom is AtRisk; it is never rejected for it. Default 0.")]
    public int? HeadroomPercent { get; set; }

    [Description("Whether a job is admitted when no GPU's memory is known. Default Allow.")]
    public UnknownCapacity? UnknownCapacity { get; set; }
}

[Description("A workload in the same namespace.")]
public sealed class TargetReference
{
    [Required]
    [Length(1, 253)]
    [Description("API version of the workload. Example: batch/v1.")]
    public string? ApiVersion { get; set; }

    [Required]
    [Length(1, 63)]
    [Description("Kind of the workload. Example: Job.")]
    public string? Kind { get; set; }

    [Required]
    [Length(1, 253)]
    [Description("Name of the workload.")]
    public string? Name { get; set; }
}
