using System.Text.Json.Nodes;

namespace GpuMem.Api.Commands;

/// <summary>
/// The pod of a TrainJob, whose own fields hold what a container would (kubeflow/trainer, pkg/apis/trainer/v1alpha1): the runtime of torch tells
/// torchrun of nodes and processes in PET_* variables (pkg/runtime/framework/plugins/torch).
/// </summary>
public static class TrainJobPod
{
    /// <returns>The spec of a pod; null when the job leaves its command to the runtime.</returns>
    public static JsonObject? Of(JsonObject trainJob)
    {
        if (trainJob["spec"] is not JsonObject spec || spec["trainer"] is not JsonObject trainer || (trainer["command"] ?? trainer["args"]) is not JsonArray)
            return null;
        JsonArray environment =
        [
            .. (trainer["env"] as JsonArray ?? []).Select(variable => variable?.DeepClone()),
            (JsonNode)Variable("PET_NNODES", trainer["numNodes"]?.ToString() ?? "1"),
            (JsonNode)Variable("PET_NPROC_PER_NODE", trainer["numProcPerNode"]?.ToString() ?? "auto"),
        ];
        JsonObject container = new() { ["name"] = "node", ["env"] = environment };
        foreach (var (field, own) in new[] { ("image", "image"), ("command", "command"), ("args", "args"), ("resources", "resourcesPerNode") })
        {
            if (trainer[own] is { } value)
                container[field] = value.DeepClone();
        }
        return new JsonObject { ["containers"] = new JsonArray(container) };
    }

    private static JsonObject Variable(string name, string value) => new() { ["name"] = name, ["value"] = value };
}
