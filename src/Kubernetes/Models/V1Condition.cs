using System.Text.Json.Serialization;
using GpuMem.Kubernetes.Crds;
using GpuMem.Kubernetes.Serialization;

namespace GpuMem.Kubernetes.Models;

/// <summary>One aspect of an object's state; also reads the conditions of nodes, pods and jobs, which have the same members.</summary>
[Description("One aspect of the state.")]
public sealed class V1Condition
{
    [Required]
    [Length(1, 316)]
    [Description("What it is about.")]
    [JsonConverter(typeof(PooledStringConverter))]
    public string? Type { get; set; }

    /// <summary><c>True</c>, <c>False</c> or <c>Unknown</c>.</summary>
    [Required]
    [Length(1, 16)]
    [Description("True, False or Unknown.")]
    [JsonConverter(typeof(PooledStringConverter))]
    public string? Status { get; set; }

    [Length(0, 1024)]
    [Description("Why, in one CamelCase word.")]
    [JsonConverter(typeof(PooledStringConverter))]
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
