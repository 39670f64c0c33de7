using GpuMem.Kubernetes.Models;
using k8s;

namespace GpuMem.Api.Workloads;

/// <summary>A workload that something else may have made: between a pod and what its author applied. Nothing is read of it but whose it is.</summary>
public abstract class OwnedWorkload : IKubernetesObject<V1ObjectMeta>
{
    public string? ApiVersion { get; set; }

    public string? Kind { get; set; }

    public V1ObjectMeta Metadata { get; set; } = new();
}

/// <summary>Made by a Deployment.</summary>
[KubernetesEntity(Group = "apps", ApiVersion = "v1", Kind = "ReplicaSet", PluralName = "replicasets"), EntityScope(MetadataOnly = true)]
public sealed class OwnedReplicaSet : OwnedWorkload;

/// <summary>Made by KServe, and by many operators of their own.</summary>
[KubernetesEntity(Group = "apps", ApiVersion = "v1", Kind = "Deployment", PluralName = "deployments"), EntityScope(MetadataOnly = true)]
public sealed class OwnedDeployment : OwnedWorkload;

/// <summary>Made by a LeaderWorkerSet.</summary>
[KubernetesEntity(Group = "apps", ApiVersion = "v1", Kind = "StatefulSet", PluralName = "statefulsets"), EntityScope(MetadataOnly = true)]
public sealed class OwnedStatefulSet : OwnedWorkload;

/// <summary>Made by a CronJob, a JobSet, a Katib Trial.</summary>
[KubernetesEntity(Group = "batch", ApiVersion = "v1", Kind = "Job", PluralName = "jobs"), EntityScope(MetadataOnly = true)]
public sealed class OwnedJob : OwnedWorkload;

/// <summary>Made by a TrainJob.</summary>
[KubernetesEntity(Group = "jobset.x-k8s.io", ApiVersion = "v1alpha2", Kind = "JobSet", PluralName = "jobsets"), EntityScope(MetadataOnly = true)]
public sealed class OwnedJobSet : OwnedWorkload;

/// <summary>Made by a RayJob or a RayService.</summary>
[KubernetesEntity(Group = "ray.io", ApiVersion = "v1", Kind = "RayCluster", PluralName = "rayclusters"), EntityScope(MetadataOnly = true)]
public sealed class OwnedRayCluster : OwnedWorkload;

/// <summary>Made by an LLMInferenceService.</summary>
[KubernetesEntity(Group = "leaderworkerset.x-k8s.io", ApiVersion = "v1", Kind = "LeaderWorkerSet", PluralName = "leaderworkersets"), EntityScope(MetadataOnly = true)]
public sealed class OwnedLeaderWorkerSet : OwnedWorkload;

/// <summary>Made by a Katib Trial.</summary>
[KubernetesEntity(Group = "kubeflow.org", ApiVersion = "v1", Kind = "PyTorchJob", PluralName = "pytorchjobs"), EntityScope(MetadataOnly = true)]
public sealed class OwnedPyTorchJob : OwnedWorkload;
