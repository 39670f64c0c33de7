using GpuMem.Api.Cluster;

namespace GpuMem.Operator;

/// <summary>How the operator runs.</summary>
public sealed record OperatorOptions
{
    /// <summary>Namespace of the Lease.</summary>
    public required string Namespace { get; init; }

    /// <summary>Only one of several replicas acts; the others wait for its Lease.</summary>
    public bool LeaderElect { get; init; }

    public string LeaseName { get; init; } = "gpumem-operator";

    /// <summary>What is done where neither a TrainingJob or ModelServer nor the label of its namespace says.</summary>
    public UsualPolicy Policy { get; init; } = new();

    /// <summary>HTTP port of <c>/healthz</c>, <c>/readyz</c> and <c>/metrics</c>.</summary>
    public int HealthPort { get; init; } = 8081;

    public string Address { get; init; } = "0.0.0.0";
}
