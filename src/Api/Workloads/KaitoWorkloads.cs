using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuMem.Api.Nodes;
using GpuMem.Catalogues.Gpus;

namespace GpuMem.Api.Workloads;

/// <summary>Pods of KAITO: those of a template of one's own, and those that it makes of a preset, whose name is that of a model (kaito api/v1beta1/workspace_types.go).</summary>
internal static class KaitoWorkloads
{
    private const string InstanceType = "node.kubernetes.io/instance-type";

    /// <summary>
    /// Presets whose names are not those of their models, and the models that they stand for (kaito pkg/utils/plugin/plugin.go, LegacyBuiltinToCatalog). The
    /// others are names on the hub, or end as these do.
    /// </summary>
    private static readonly Dictionary<string, string> Presets = new(StringComparer.OrdinalIgnoreCase)
    {
        ["mistral-7b"] = "mistralai/Mistral-7B-v0.3",
        ["mistral-7b-instruct"] = "mistralai/Mistral-7B-Instruct-v0.3",
        ["gemma-3-4b-instruct"] = "google/gemma-3-4b-it",
        ["gemma-3-27b-instruct"] = "google/gemma-3-27b-it",
        ["ministral-3-3b-instruct"] = "mistralai/Ministral-3-3B-Instruct-2512",
        ["ministral-3-8b-instruct"] = "mistralai/Ministral-3-8B-Instruct-2512",
        ["ministral-3-14b-instruct"] = "mistralai/Ministral-3-14B-Instruct-2512",
        ["mistral-large-3-675b-instruct"] = "mistralai/Mistral-Large-3-675B-Instruct-2512",
    };

    /// <summary>kaito.sh Workspace, one server or one fine-tuning.</summary>
    public static IEnumerable<WorkloadPods> Workspace(JsonElement? workspace) => Of(workspace)
        .Concat(Preset(workspace.Member("resource"), workspace.Member("tuning", "preset"), "tuning", command: null));

    /// <summary>kaito.sh InferenceSet: several of these that serve (api/v1beta1/inferenceset_types.go).</summary>
    public static IEnumerable<WorkloadPods> InferenceSet(JsonElement? set) => Of(set.Member("spec", "template")).Select(pods => pods with { Path = null });

    /// <summary>kaito.sh MultiRoleInference: one model, served by instances that read prompts and others that write answers (api/v1alpha1/multiroleinference_types.go).</summary>
    public static IEnumerable<WorkloadPods> MultiRoleInference(JsonElement? inference) =>
        from role in inference.Member("spec", "roles").Items()
        from pods in Preset(role.Item, inference.Member("spec", "model"), role.Item.Text("type") ?? "inference", Served)
        select pods;

    private static IEnumerable<WorkloadPods> Of(JsonElement? workspace) =>
        Templates.Template(workspace.Member("inference", "template"), "inference", workspace.Member("resource").Number("count") ?? 1, "inference", "template")
            .Concat(Preset(workspace.Member("resource"), workspace.Member("inference", "preset"), "inference", Served));

    /// <summary>
    /// The controller writes the command: vLLM with the length that fits. Over how many GPUs and nodes it divides the model the controller decides
    /// (pkg/model/interface.go, configureParallelism), so that nothing is certain here.
    /// </summary>
    private static string[] Served(string model, long? gpus) =>
    [
        "vllm", "serve", model, "--max-model-len", "auto", "--gpu-memory-utilization", "0.84",
        "--tensor-parallel-size", gpus?.ToString(CultureInfo.InvariantCulture) ?? "$KAITO_GPUS", "--pipeline-parallel-size", "$KAITO_NODES",
    ];

    private static IEnumerable<WorkloadPods> Preset(JsonElement? resource, JsonElement? preset, string role, Func<string, long?, string[]>? command)
    {
        if (preset.Text("name") is not { Length: > 0 } name)
            return [];
        var container = new JsonObject { ["name"] = role };
        var gpus = Gpus(resource);
        if (command is not null)
            container["command"] = new JsonArray([.. command(Presets.GetValueOrDefault(name, name), gpus?.Count).Select(word => (JsonNode)word)]);
        if (gpus is var (device, count))
            container["resources"] = new JsonObject { ["limits"] = new JsonObject { [device] = count.ToString(CultureInfo.InvariantCulture) } };
        var pod = new JsonObject { ["containers"] = new JsonArray(container) };
        if (resource.Text("instanceType") is { } type)
            pod["nodeSelector"] = new JsonObject { [InstanceType] = type };
        return Templates.Spec(JsonSerializer.SerializeToElement(pod, ManifestJson.Node), role, null).Select(pods => pods.ToleratingMore());
    }

    /// <summary>All GPUs of the instance, or the part of a node that is asked for; null where nodes of one's own say it.</summary>
    private static (string Device, long Count)? Gpus(JsonElement? resource) =>
        resource.Member("partition").Text("profile") is { } profile ? ($"nvidia.com/mig-{profile}", 1)
        : resource.Member("partition").Number("count") is { } part ? (GpuResources.Nvidia, part)
        : InstanceTypes.TryFind(resource.Text("instanceType"), out var type) && type.Gpus is { } all ? (GpuResources.Nvidia, all)
        : null;
}
