using GpuMem.Api.Cluster;
using GpuMem.Api.Pods;
using GpuMem.Api.TrainingJobs;
using GpuMem.Api.Workloads;
using GpuMem.Planning.Words;

namespace GpuMem.Api.Decisions;

/// <summary>The TrainingJob or ModelServer that describes a pod, if one does.</summary>
/// <param name="Description">What describes it; null when nothing does.</param>
/// <param name="Warning">The pod names one that does not exist.</param>
public sealed record PodTie(IPodDescription? Description, string? Warning)
{
    public static readonly PodTie None = new(null, null);

    /// <summary>What is done in the namespace where the description does not say.</summary>
    public PolicyMode UsualMode { get; init; } = PolicyMode.Enforce;

    /// <summary>What is done about the pod.</summary>
    public PolicyMode Mode => Description?.Mode(UsualMode) ?? PolicyMode.Off;

    /// <summary>By the spec in the pod's annotation, else by its label; else by the workload that it belongs to, when a <c>targetRef</c> names it.</summary>
    /// <param name="pod">It may not carry its namespace yet, when it is being created.</param>
    /// <param name="ns">The namespace of the request.</param>
    /// <param name="cluster">The TrainingJobs and ModelServers there are.</param>
    public static PodTie Of(V1Pod pod, string ns, IClusterState cluster) => ByItself(pod.Metadata, ns, cluster) ?? ByTarget(OwnerChain.Of(pod.Metadata, ns, cluster), ns, cluster);

    /// <summary>The same of pods that a workload would make: by a label of their template or of itself, or by a <c>targetRef</c> to it or to what owns it.</summary>
    /// <param name="template">Metadata of the template of its pods.</param>
    /// <param name="workload">The workload.</param>
    /// <param name="ns">The namespace of the request.</param>
    /// <param name="cluster">The TrainingJobs and ModelServers there are.</param>
    public static PodTie Of(V1ObjectMeta? template, Workload workload, string ns, IClusterState cluster) =>
        ByItself(template, ns, cluster)
        ?? ByItself(workload.Metadata, ns, cluster)
        ?? ByTarget([workload.Identity, .. OwnerChain.Of(workload.Metadata, ns, cluster), .. OwnerLabels.Of(template)], ns, cluster);

    private static PodTie? ByItself(V1ObjectMeta? metadata, string ns, IClusterState cluster)
    {
        if (metadata?.Annotations?.TryGetValue(ApiGroup.SpecAnnotation, out var spec) == true)
            return InlineJobs.Read(spec, out var problem) is { } inline
                ? new PodTie(inline, null) { UsualMode = cluster.ModeOf(ns) }
                : new PodTie(null, VerdictText.Short($"annotation {ApiGroup.SpecAnnotation}: GPU memory not checked: {problem}"));
        if (metadata?.Labels is not { } labels)
            return null;
        if (labels.TryGetValue(ApiGroup.TrainingJobLabel, out var job) && job.Length > 0)
            return Labelled(cluster.FindJob(ns, job), "TrainingJob", job, ns, cluster);
        return labels.TryGetValue(ApiGroup.ModelServerLabel, out var server) && server.Length > 0 ? Labelled(cluster.FindServer(ns, server), "ModelServer", server, ns, cluster) : null;
    }

    private static PodTie ByTarget(IEnumerable<V1OwnerReference> owners, string ns, IClusterState cluster) =>
        owners.SelectMany(owner => cluster.WithTarget(ns, owner)).FirstOrDefault() is { } described ? new PodTie(described, null) { UsualMode = cluster.ModeOf(ns) } : None;

    private static PodTie Labelled(IPodDescription? found, string kind, string name, string ns, IClusterState cluster) => found is not null
        ? new PodTie(found, null) { UsualMode = cluster.ModeOf(ns) }
        : new PodTie(null, $"no {kind} '{(name.Length <= 52 ? name : name[..52] + "…")}' in this namespace: GPU memory not checked");
}
