using GpuMem.Api.TrainingJobs;

namespace GpuMem.Api.Cluster;

/// <summary>What is done where neither a TrainingJob or ModelServer nor the label of its namespace says.</summary>
/// <param name="Mode">Default Enforce.</param>
/// <param name="Namespaces">Those in which it is another; default none.</param>
public sealed record UsualPolicy(PolicyMode Mode = PolicyMode.Enforce, IReadOnlyDictionary<string, PolicyMode>? Namespaces = null)
{
    public PolicyMode In(string ns) => Namespaces is not null && Namespaces.TryGetValue(ns, out var own) ? own : Mode;
}
