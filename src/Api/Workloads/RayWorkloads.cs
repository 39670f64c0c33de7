using System.Text.Json;

namespace GpuMem.Api.Workloads;

/// <summary>Pods of KubeRay's resources: a head, and groups of workers (ray-operator/apis/ray/v1/raycluster_types.go).</summary>
internal static class RayWorkloads
{
    public static IEnumerable<WorkloadPods> Cluster(JsonElement? cluster) => Of(cluster.Member("spec"), "spec");

    public static IEnumerable<WorkloadPods> Job(JsonElement? job) => Of(job.Member("spec", "rayClusterSpec"), "spec", "rayClusterSpec");

    public static IEnumerable<WorkloadPods> Service(JsonElement? service) => Of(service.Member("spec", "rayClusterConfig"), "spec", "rayClusterConfig");

    private static IEnumerable<WorkloadPods> Of(JsonElement? cluster, params string[] at)
    {
        // The autoscaler decides between minReplicas and maxReplicas.
        var isFixed = cluster.Member("enableInTreeAutoscaling") is not { ValueKind: JsonValueKind.True };
        var head = Templates.Template(cluster.Member("headGroupSpec", "template"), "head", 1, [.. at, "headGroupSpec", "template"]);
        return head.Concat(
            from workers in cluster.Member("workerGroupSpecs").Items()
            let count = isFixed ? JsonElements.Times(workers.Item.Number("replicas") ?? 1, workers.Item.Number("numOfHosts") ?? 1) : null
            from pods in Templates.Template(workers.Item.Member("template"), workers.Item.Text("groupName") ?? "worker", count, [.. at, "workerGroupSpecs", workers.At, "template"])
            select pods);
    }
}
