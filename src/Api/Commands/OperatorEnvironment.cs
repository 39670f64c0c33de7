using System.Globalization;
using System.Text.Json.Nodes;

namespace GpuMem.Api.Commands;

/// <summary>What operators put into the environment of the pods that they make, as far as the number of pods tells it.</summary>
public static class OperatorEnvironment
{
    /// <summary>Where Ray is, in each of its pods.</summary>
    public const string Ray = "RAY_ADDRESS";

    /// <summary>Which of Spark's executors a pod is.</summary>
    public const string Spark = "SPARK_EXECUTOR_ID";

    /// <summary>Adds it to a pod of a workload, behind what the manifest says, as the operators do.</summary>
    /// <param name="workload">The manifest.</param>
    /// <param name="pods">Pods of it; null when they are not known.</param>
    /// <param name="pod">The spec of one of them.</param>
    public static void Add(JsonObject workload, int? pods, V1PodSpec pod)
    {
        if (Of(workload, pods) is not [_, ..] variables)
            return;
        foreach (var container in (pod.Containers ?? []).OfType<V1Container>())
            container.Env = [.. container.Env ?? [], .. variables.Select(variable => new V1EnvVar { Name = variable.Name, Value = variable.Value })];
    }

    private static (string Name, string Value)[] Of(JsonObject workload, int? pods) => (workload["kind"]?.ToString(), pods) switch
    {
        ("PyTorchJob", _) => OfPyTorchJob(workload["spec"] as JsonObject, pods),
        // ray-operator/controllers/ray/common/pod.go, setContainerEnvVars.
        ("RayCluster" or "RayJob" or "RayService" or "RayCronJob" or "RayClusterFleet", _) => [(Ray, "auto")],
        // apache/spark resource-managers/kubernetes BasicExecutorFeatureStep.
        ("SparkApplication" or "ScheduledSparkApplication", _) => [(Spark, "1")],
        ("LeaderWorkerSet", { } size) => [("LWS_GROUP_SIZE", Text(size))],
        _ => [],
    };

    /// <summary>kubeflow/training-operator, pkg/controller.v1/pytorch/envvar.go and elastic.go; auto, which is the default, counts as one process there.</summary>
    private static (string Name, string Value)[] OfPyTorchJob(JsonObject? spec, int? pods)
    {
        var elastic = spec?["elasticPolicy"] as JsonObject;
        var each = (spec?["nprocPerNode"] ?? elastic?["nProcPerNode"])?.ToString() ?? "auto";
        if (elastic is { } policy && policy["minReplicas"] is { } least && policy["maxReplicas"] is { } most)
            return [("PET_NNODES", $"{least}:{most}"), ("PET_NPROC_PER_NODE", each)];
        var processes = int.TryParse(each, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 1;
        return pods is { } count ? [("PET_NNODES", Text(count)), ("PET_NPROC_PER_NODE", each), ("WORLD_SIZE", Text((long)count * processes))] : [];
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
