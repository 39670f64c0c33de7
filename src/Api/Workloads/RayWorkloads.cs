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
        var isScaled = cluster.Member("enableInTreeAutoscaling") is { ValueKind: JsonValueKind.True };
        var head = Templates.Template(cluster.Member("headGroupSpec", "template"), "head", 1, [.. at, "headGroupSpec", "template"]);
        return head.Concat(
            from workers in cluster.Member("workerGroupSpecs").Items()
            let count = JsonElements.Times(Replicas(workers.Item, isScaled), workers.Item.Number("numOfHosts") ?? 1)
            from pods in Templates.Template(workers.Item.Member("template"), workers.Item.Text("groupName") ?? "worker", count, [.. at, "workerGroupSpecs", workers.At, "template"])
            select pods);
    }

    /// <summary>
    /// None of a group that is suspended; else replicas, which are 0 unless said, within minReplicas and maxReplicas (ray-operator/controllers/ray/utils/util.go,
    /// GetWorkerGroupDesiredReplicas). Between those the autoscaler decides.
    /// </summary>
    private static long? Replicas(JsonElement? workers, bool isScaled)
    {
        if (workers.Member("suspend") is { ValueKind: JsonValueKind.True })
            return 0;
        var (least, most) = (workers.Number("minReplicas") ?? 0, workers.Number("maxReplicas") ?? long.MaxValue);
        if (isScaled && least != most)
            return null;
        return Math.Min(Math.Max(workers.Number("replicas") ?? 0, least), most);
    }
}
