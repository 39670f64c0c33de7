namespace GpuMem.Api.Workloads;

/// <summary>What the name of a workload tells of the one that made it: controllers name what they make after themselves.</summary>
internal static class OwnerNames
{
    /// <summary>On a pod of a Deployment: what its ReplicaSet's name ends with.</summary>
    public const string TemplateHashLabel = "pod-template-hash";

    /// <summary>Letters and digits behind the names of objects that the API server, or a controller, completes.</summary>
    private const int RandomLength = 5;

    /// <param name="owner">A workload of which no owner is known.</param>
    /// <param name="pod">Metadata of the pod that it controls.</param>
    public static IEnumerable<V1OwnerReference> Of(V1OwnerReference owner, V1ObjectMeta? pod) => (WorkloadReader.Group(owner.ApiVersion), owner.Kind, owner.Name) switch
    {
        ("apps", "ReplicaSet", { } name) => OfReplicaSet(name, pod),
        ("apps", "StatefulSet", { } name) => OfStatefulSet(name),
        ("batch", "Job", { } name) => OfJob(name),
        ("ray.io", "RayCluster", { } name) => OfRayCluster(name),
        _ => [],
    };

    /// <summary>
    /// A Deployment names each ReplicaSet after itself, with a hash without dashes behind, which pods carry as a label
    /// (kubernetes pkg/controller/deployment/sync.go), as Argo's Rollout does with a label of its own; KServe names Deployments after their services.
    /// </summary>
    private static IEnumerable<V1OwnerReference> OfReplicaSet(string name, V1ObjectMeta? pod)
    {
        if (name.LastIndexOf('-') is not (> 0 and var dash))
            yield break;
        var (deployment, hash) = (name[..dash], (string?)null);
        if (pod?.Labels?.TryGetValue(TemplateHashLabel, out hash) == true && hash != name[(dash + 1)..])
            yield break;
        yield return hash is not null ? OwnerLabels.Reference("apps", "Deployment", deployment) : OwnerLabels.Reference("argoproj.io", "Rollout", deployment);
        if (Without(deployment, "-predictor") is { } service)
            yield return OwnerLabels.Reference("serving.kserve.io", "InferenceService", service);
        if (Without(deployment, "-kserve") is { } llm)
            yield return OwnerLabels.Reference("serving.kserve.io", "LLMInferenceService", llm);
    }

    /// <summary>A LeaderWorkerSet's leaders are a StatefulSet of its name, the workers of each leader one of its pod's name; a Notebook is one of its name, too.</summary>
    private static IEnumerable<V1OwnerReference> OfStatefulSet(string name)
    {
        yield return OwnerLabels.Reference("leaderworkerset.x-k8s.io", "LeaderWorkerSet", name);
        if (name.LastIndexOf('-') is > 0 and var dash && name[(dash + 1)..].All(char.IsAsciiDigit))
            yield return OwnerLabels.Reference("leaderworkerset.x-k8s.io", "LeaderWorkerSet", name[..dash]);
        yield return OwnerLabels.Reference("kaito.sh", "Workspace", name);
        yield return OwnerLabels.Reference("kubeflow.org", "Notebook", name);
    }

    /// <summary>JobSet: name, replicated job, index. A CronJob's Jobs end with the minute that they are of.</summary>
    private static IEnumerable<V1OwnerReference> OfJob(string name)
    {
        yield return OwnerLabels.Reference("kaito.sh", "Workspace", name);
        if (name.LastIndexOf('-') is not (> 0 and var last) || !name[(last + 1)..].All(char.IsAsciiDigit) || last + 1 == name.Length)
            yield break;
        yield return OwnerLabels.Reference("batch", "CronJob", name[..last]);
        for (var dash = name.LastIndexOf('-', last - 1); dash > 0; dash = name.LastIndexOf('-', dash - 1))
        {
            yield return OwnerLabels.Reference("jobset.x-k8s.io", "JobSet", name[..dash]);
            yield return OwnerLabels.Reference("trainer.kubeflow.org", "TrainJob", name[..dash]);
        }
    }

    /// <summary>A RayJob or RayService, with random letters behind and, in earlier releases, <c>raycluster</c> between (kuberay, utils.GenerateRayClusterName).</summary>
    private static IEnumerable<V1OwnerReference> OfRayCluster(string name)
    {
        if (name.LastIndexOf('-') is not (> 0 and var dash) || name.Length - dash - 1 != RandomLength)
            yield break;
        var owner = Without(name[..dash], "-raycluster") ?? name[..dash];
        yield return OwnerLabels.Reference("ray.io", "RayJob", owner);
        yield return OwnerLabels.Reference("ray.io", "RayService", owner);
    }

    private static string? Without(string name, string end) => name.Length > end.Length && name.EndsWith(end, StringComparison.Ordinal) ? name[..^end.Length] : null;
}
