using System.Text.Json;
using System.Text.Json.Nodes;
using GpuMem.Api.Json;
using GpuMem.Api.Pods;

namespace GpuMem.Api.Workloads;

/// <summary>Pods of KubeRay's resources: a head, and groups of workers (ray-operator/apis/ray/v1/raycluster_types.go).</summary>
internal static class RayWorkloads
{
    public static IEnumerable<WorkloadPods> Cluster(JsonElement? cluster) => Of(cluster.Member("spec"), "spec");

    /// <summary>What the entrypoint starts runs where the GPUs are, whatever pod submits it.</summary>
    public static IEnumerable<WorkloadPods> Job(JsonElement? job) => OfJob(job.Member("spec"), "spec");

    /// <summary>What one of its RayJobs makes (raycronjob_types.go).</summary>
    public static IEnumerable<WorkloadPods> CronJob(JsonElement? cronJob) => OfJob(cronJob.Member("spec", "jobTemplate"), "spec", "jobTemplate");

    private static IEnumerable<WorkloadPods> OfJob(JsonElement? spec, params string[] at)
    {
        var entrypoint = spec.Text("entrypoint");
        return Of(spec.Member("rayClusterSpec"), [.. at, "rayClusterSpec"])
            .Select(pods => entrypoint is { Length: > 0 } && (pods.Role != "head" || HasGpus(pods)) ? pods with { Written = Starting(["sh", "-c", entrypoint], pods.Written) } : pods);
    }

    /// <summary>A model that Ray Serve is told of runs in the pods with GPUs, where all of these are of one group: which of several it takes Ray decides.</summary>
    public static IEnumerable<WorkloadPods> Service(JsonElement? service)
    {
        List<WorkloadPods> all = [.. Of(service.Member("spec", "rayClusterConfig"), "spec", "rayClusterConfig")];
        return all.Where(HasGpus).Take(2).ToList() is [var only] && RayServeConfig.AsVllm(service.Member("spec").Text("serveConfigV2")) is { } words
            ? all.Select(pods => pods == only ? pods with { Written = Starting(words, pods.Written) } : pods)
            : all;
    }

    private static bool HasGpus(WorkloadPods pods) => PodGpus.Of(pods.Pod.Spec).Count > 0;

    /// <summary>orchestration.aibrix.ai RayClusterFleet: copies of a RayCluster, each of which is one server.</summary>
    public static IEnumerable<WorkloadPods> Fleet(JsonElement? fleet) => Of(fleet.Member("spec", "template", "spec"), "spec", "template", "spec");

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

    /// <summary>The template with what Ray starts in it for what KubeRay starts, which is Ray itself.</summary>
    private static JsonElement Starting(IEnumerable<string> words, JsonElement template)
    {
        var changed = JsonObject.Create(template)!.DeepClone();
        if (changed.Member("spec", "containers") is JsonArray and [JsonObject ray, ..])
        {
            ray["command"] = new JsonArray([.. words.Select(word => (JsonNode)word)]);
            ray.Remove("args");
        }
        return JsonSerializer.SerializeToElement(changed, ManifestJson.Node);
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
