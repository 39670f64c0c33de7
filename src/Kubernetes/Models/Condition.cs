using GpuMem.Kubernetes.Crds;

namespace GpuMem.Kubernetes.Models;

/// <summary>One aspect of the state of a custom resource, with the bounds that its schema states.</summary>
[Description("One aspect of the state.")]
[XMapTypeAtomic]
public sealed class Condition
{
    [Required]
    [Length(1, 316)]
    [Description("What it is about.")]
    public string? Type { get; set; }

    /// <summary><c>True</c>, <c>False</c> or <c>Unknown</c>.</summary>
    [Required]
    [Length(1, 16)]
    [Description("True, False or Unknown.")]
    public string? Status { get; set; }

    [Length(0, 1024)]
    [Description("Why, in one CamelCase word.")]
    public string? Reason { get; set; }

    [Length(0, 32768)]
    [Description("Why, for people.")]
    public string? Message { get; set; }

    [Description("Generation of the spec that this is about.")]
    public long? ObservedGeneration { get; set; }

    /// <summary>When <see cref="Status"/> last changed, not when it was last written.</summary>
    [Description("When the status last changed.")]
    public DateTimeOffset? LastTransitionTime { get; set; }
}
