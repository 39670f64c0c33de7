using System.Globalization;
using System.Text.Json.Nodes;

namespace GpuMem.Api.Commands;

/// <summary>What operators put into the environment of the pods that they make, as far as the number of pods tells it.</summary>
public static class OperatorEnvironment
{
    /// <summary>Adds it to a pod of a workload, behind what the manifest says, as the operators do.</summary>
    /// <param name="workload">The manifest.</param>
    /// <param name="pods">Pods of it; null when they are not known.</param>
    /// <param name="pod">The spec of one of them.</param>
    public static void Add(JsonObject workload, int? pods, V1PodSpec pod)
    {
        if (pods is not { } count || Of(workload, count) is not [_, ..] variables)
            return;
        foreach (var container in (pod.Containers ?? []).OfType<V1Container>())
            container.Env = [.. container.Env ?? [], .. variables.Select(variable => new V1EnvVar { Name = variable.Name, Value = variable.Value })];
    }

    private static (string Name, string Value)[] Of(JsonObject workload, int pods) => workload["kind"]?.ToString() switch
    {
        "PyTorchJob" => OfPyTorchJob(workload["spec"] as JsonObject, pods),
        "LeaderWorkerSet" => [("LWS_GROUP_SIZE", Text(pods))],
        _ => [],
    };

    /// <summary>kubeflow/training-operator, pkg/controller.v1/pytorch/envvar.go and elastic.go; auto, which is the default, counts as one process there.</summary>
    private static (string Name, string Value)[] OfPyTorchJob(JsonObject? spec, int pods)
    {
        var elastic = spec?["elasticPolicy"] as JsonObject;
        var each = (spec?["nprocPerNode"] ?? elastic?["nProcPerNode"])?.ToString() ?? "auto";
        var nodes = elastic is { } policy && policy["minReplicas"] is { } least && policy["maxReplicas"] is { } most ? $"{least}:{most}" : Text(pods);
        var processes = int.TryParse(each, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 1;
        return [("PET_NNODES", nodes), ("PET_NPROC_PER_NODE", each), ("WORLD_SIZE", Text((long)pods * processes))];
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
