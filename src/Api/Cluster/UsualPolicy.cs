using GpuMem.Api.TrainingJobs;

namespace GpuMem.Api.Cluster;

/// <summary>What is done where neither a TrainingJob or ModelServer nor its namespace says.</summary>
/// <param name="Mode">Default Enforce.</param>
public sealed record UsualPolicy(PolicyMode Mode = PolicyMode.Enforce);
