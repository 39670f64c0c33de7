using GpuMem.Api.Cluster;
using GpuMem.Api.Pods;

namespace GpuMem.Api.Decisions;

/// <summary>The TrainingJob or ModelServer that describes a pod, if one does.</summary>
/// <param name="Description">What describes it; null when nothing does.</param>
/// <param name="Warning">The pod names one that does not exist.</param>
public sealed record PodTie(IPodDescription? Description, string? Warning)
{
    public static readonly PodTie None = new(null, null);

    /// <summary>By the pod's label; else by the workload that it belongs to, when a <c>targetRef</c> names it.</summary>
    /// <param name="pod">It may not carry its namespace yet, when it is being created.</param>
    /// <param name="ns">The namespace of the request.</param>
    /// <param name="cluster">The TrainingJobs and ModelServers there are.</param>
    public static PodTie Of(V1Pod pod, string ns, IClusterState cluster) => Of(pod, PodOwners.Of(pod), ns, cluster);

    /// <summary>The same of the pods that a workload would make.</summary>
    /// <param name="template">Its pod template.</param>
    /// <param name="workload">The workload.</param>
    /// <param name="ns">The namespace of the request.</param>
    /// <param name="cluster">The TrainingJobs and ModelServers there are.</param>
    public static PodTie Of(V1Pod template, V1OwnerReference workload, string ns, IClusterState cluster) => Of(template, [workload], ns, cluster);

    private static PodTie Of(V1Pod pod, IReadOnlyList<V1OwnerReference> owners, string ns, IClusterState cluster)
    {
        if (pod.GetLabel(ApiGroup.TrainingJobLabel) is { Length: > 0 } job)
            return Labelled(cluster.FindJob(ns, job), "TrainingJob", job);
        if (pod.GetLabel(ApiGroup.ModelServerLabel) is { Length: > 0 } server)
            return Labelled(cluster.FindServer(ns, server), "ModelServer", server);
        var described = owners.SelectMany(owner => cluster.WithTarget(ns, owner)).FirstOrDefault();
        return described is null ? None : new PodTie(described, null);
    }

    private static PodTie Labelled(IPodDescription? found, string kind, string name) => found is not null
        ? new PodTie(found, null)
        : new PodTie(null, $"no {kind} '{(name.Length <= 52 ? name : name[..52] + "…")}' in this namespace: GPU memory not checked");
}
