using System.Globalization;
using System.Text.Json.Nodes;

namespace GpuMem.Api.Commands;

/// <summary>How many pods a workload has at once, where that is known: a pod, a Job, the training jobs of Kubeflow, a LeaderWorkerSet.</summary>
public static class PodCount
{
    /// <param name="workload">Its manifest.</param>
    /// <returns>Null when it is not known.</returns>
    public static int? Of(JsonObject workload)
    {
        var spec = workload["spec"] as JsonObject;
        return (string?)(workload["kind"] as JsonValue)?.ToString() switch
        {
            "Pod" => 1,
            "Job" => OfJob(spec),
            "TrainJob" => Number((spec?["trainer"] as JsonObject)?["numNodes"]),
            "LeaderWorkerSet" => Number((spec?["leaderWorkerTemplate"] as JsonObject)?["size"]) ?? 1,
            _ when spec?.FirstOrDefault(field => field.Key.EndsWith("ReplicaSpecs", StringComparison.Ordinal)).Value is JsonObject replicas => OfReplicas(replicas),
            _ => null,
        };
    }

    /// <summary>parallelism, and no more than are left to complete; 1 by default (batch/v1).</summary>
    private static int OfJob(JsonObject? spec)
    {
        var parallelism = Number(spec?["parallelism"]) ?? 1;
        return Math.Min(parallelism, Number(spec?["completions"]) ?? parallelism);
    }

    /// <summary>Masters and workers train together; the launcher of an MPIJob does not train.</summary>
    private static int OfReplicas(JsonObject replicas) => replicas.Where(replica => replica.Key != "Launcher")
        .Sum(replica => Math.Min(Number((replica.Value as JsonObject)?["replicas"]) ?? 1, 1_000_000));

    private static int? Number(JsonNode? node) => node is JsonValue value && int.TryParse(value.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
