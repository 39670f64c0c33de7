namespace GpuMem.Kubernetes.Models;

/// <summary>Says which API resource a class stands for.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class KubernetesEntityAttribute : Attribute
{
    /// <summary>API group; empty for the core group.</summary>
    public string Group { get; set; } = "";

    public string ApiVersion { get; set; } = "v1";

    public required string Kind { get; set; }

    /// <summary>Plural as in the URL, e.g. <c>networkpolicies</c>; when absent, the lower-case kind with an "s".</summary>
    public string? PluralName { get; set; }
}
