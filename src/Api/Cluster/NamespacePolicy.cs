using GpuMem.Api.TrainingJobs;

namespace GpuMem.Api.Cluster;

/// <summary>A namespace that says what is done in it.</summary>
/// <param name="Mode">Null where its label is none of Off, Warn and Enforce: it then counts as if it had none.</param>
public sealed record NamespacePolicy(PolicyMode? Mode)
{
    public static NamespacePolicy Read(V1Namespace ns) => new(ns.GetLabel(ApiGroup.ModeLabel) switch
    {
        nameof(PolicyMode.Off) => PolicyMode.Off,
        nameof(PolicyMode.Warn) => PolicyMode.Warn,
        nameof(PolicyMode.Enforce) => PolicyMode.Enforce,
        _ => null,
    });
}
