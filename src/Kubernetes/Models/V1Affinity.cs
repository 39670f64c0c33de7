using System.Text.Json.Serialization;

namespace GpuMem.Kubernetes.Models;

/// <summary>Only the part about nodes: the rest never decides on which kind of node a pod runs.</summary>
public sealed class V1Affinity
{
    public V1NodeAffinity? NodeAffinity { get; set; }
}

/// <summary>Which nodes a pod must have.</summary>
public sealed class V1NodeAffinity
{
    public V1NodeSelector? RequiredDuringSchedulingIgnoredDuringExecution { get; set; }
}

/// <summary>Terms are alternatives; the requirements inside a term must all hold.</summary>
public sealed class V1NodeSelector
{
    public IList<V1NodeSelectorTerm>? NodeSelectorTerms { get; set; }
}

/// <summary>Requirements that must hold together; of several terms one is enough.</summary>
public sealed class V1NodeSelectorTerm
{
    public IList<V1NodeSelectorRequirement>? MatchExpressions { get; set; }

    public IList<V1NodeSelectorRequirement>? MatchFields { get; set; }
}

/// <summary>What a label or field of a node must be.</summary>
public sealed class V1NodeSelectorRequirement
{
    public string? Key { get; set; }

    /// <summary><c>In</c>, <c>NotIn</c>, <c>Exists</c>, <c>DoesNotExist</c>, <c>Gt</c> or <c>Lt</c>.</summary>
    [JsonPropertyName("operator")]
    public string? OperatorProperty { get; set; }

    public IList<string>? Values { get; set; }
}

/// <summary>A taint that a pod puts up with.</summary>
public sealed class V1Toleration
{
    public string? Key { get; set; }

    /// <summary><c>Exists</c> or <c>Equal</c> (the default).</summary>
    [JsonPropertyName("operator")]
    public string? OperatorProperty { get; set; }

    public string? Value { get; set; }

    public string? Effect { get; set; }

    public long? TolerationSeconds { get; set; }
}

/// <summary>Labels that must all be present.</summary>
public sealed class V1LabelSelector
{
    public IDictionary<string, string>? MatchLabels { get; set; }

    public IList<V1LabelSelectorRequirement>? MatchExpressions { get; set; }
}

/// <summary>What a label must be.</summary>
public sealed class V1LabelSelectorRequirement
{
    public string? Key { get; set; }

    [JsonPropertyName("operator")]
    public string? OperatorProperty { get; set; }

    public IList<string>? Values { get; set; }
}
