using System.Text.Json;
using System.Text.Json.Nodes;
using GpuMem.Api.Json;

namespace GpuMem.Api.Workloads;

/// <summary>llmaz: a Service is a LeaderWorkerSet beside the models it claims, and a Playground becomes one (llmaz api/inference/v1alpha1, pkg/controller/inference).</summary>
internal static class LlmazWorkloads
{
    private const string Group = "inference.llmaz.io";

    /// <summary>What the BackendRuntimes of its chart start, up to the flag that names the model, and with which image where they have no command (chart/templates/backends).</summary>
    private static readonly Dictionary<string, (string[] Command, string[] Args, string? Image)> Backends = new(StringComparer.Ordinal)
    {
        ["vllm"] = (["python3", "-m", "vllm.entrypoints.openai.api_server"], ["--model"], null),
        ["sglang"] = (["python3", "-m", "sglang.launch_server"], ["--model-path"], null),
        ["tgi"] = ([], ["--model-id"], "ghcr.io/huggingface/text-generation-inference"),
    };

    /// <summary>inference.llmaz.io Service, and a Playground that <see cref="Completed"/> made one. GPUs are the model's to say, and no template's.</summary>
    public static IEnumerable<WorkloadPods> Service(JsonElement? service) =>
        BatchWorkloads.LeaderWorkerGroup(service.Member("spec", "workloadTemplate")).Select(pods => pods.ToleratingMore() with { Path = null });

    public static bool IsModel(JsonObject manifest) => manifest["kind"]?.ToString() == "OpenModel" && WorkloadReader.Group(manifest["apiVersion"]?.ToString()) == "llmaz.io";

    public static bool IsPlayground(JsonObject manifest) => manifest["kind"]?.ToString() == "Playground" && WorkloadReader.Group(manifest["apiVersion"]?.ToString()) == Group;

    /// <summary>
    /// The Playground with the template that its controller gives to its Service. Itself where that cannot be told: of a model that is not among these or comes
    /// from elsewhere than a hub, of several models, and of a backend or a configuration of somebody's own.
    /// </summary>
    public static JsonObject Completed(JsonObject playground, IEnumerable<JsonObject> models)
    {
        JsonElement? spec = Element(playground["spec"]);
        var config = spec.Member("backendRuntimeConfig");
        var claim = spec.Member("modelClaim") ?? (spec.Member("modelClaims", "models").Items().ToList() is [_] ? spec.Member("modelClaims") : null);
        var claimed = claim.Text("modelName") ?? claim.Member("models").Items().Select(one => one.Item.Text("name")).FirstOrDefault();
        var model = models.Where(IsModel).FirstOrDefault(one => claimed is not null && one.Text("metadata", "name") == claimed);
        JsonElement? said = Element(model?["spec"]);
        if (said.Member("source", "modelHub") is not { } hub || ((JsonElement?)hub).Text("modelID") is not { } id || ((JsonElement?)hub).Member("filename") is not null
            || !Backends.TryGetValue(config.Text("backendName") ?? "vllm", out var backend) || config.Text("configName") is not (null or "default"))
            return playground;

        var args = new JsonArray([.. backend.Args.Append(id).Select(word => (JsonNode)word)]);
        foreach (var word in config.Member("args") is { ValueKind: JsonValueKind.Array } more ? more.EnumerateArray() : [])
            args.Add(JsonNode.Parse(word.GetRawText()));
        var container = new JsonObject { ["name"] = "model-runner", ["args"] = args };
        if (backend.Image is { } image)
            container["image"] = image;
        else
            container["command"] = new JsonArray([.. backend.Command.Select(word => (JsonNode)word)]);
        if (config.Member("envs") is { ValueKind: JsonValueKind.Array } variables)
            container["env"] = JsonArray.Create(variables)!.DeepClone();
        var pod = new JsonObject { ["containers"] = new JsonArray(container) };
        Place(pod, container, [.. said.Member("inferenceConfig", "flavors").Items().Select(flavor => flavor.Item)], claim.Member("inferenceFlavors"));

        var completed = playground.DeepClone().AsObject();
        completed["spec"]!["workloadTemplate"] = new JsonObject { ["size"] = 1, ["workerTemplate"] = new JsonObject { ["spec"] = pod } };
        return completed;
    }

    /// <summary>The GPUs of the first flavor that is claimed, on nodes of any that are (service_controller.go, injectModelFlavor).</summary>
    private static void Place(JsonObject pod, JsonObject container, List<JsonElement?> flavors, JsonElement? claimed)
    {
        List<string?> names = claimed is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray().Select(name => name.ToString())] : [];
        var taken = names.Count == 0 ? flavors : [.. names.Select(name => flavors.Find(flavor => flavor.Text("name") == name)).Where(flavor => flavor is not null)];
        if (taken.Count == 0)
            return;
        if (taken[0].Member("limits") is { ValueKind: JsonValueKind.Object } limits)
            container["resources"] = new JsonObject { ["limits"] = JsonObject.Create(limits)!.DeepClone() };
        if (taken is [{ } only] && ((JsonElement?)only).Member("nodeSelector") is { ValueKind: JsonValueKind.Object } nodes)
            pod["nodeSelector"] = JsonObject.Create(nodes)!.DeepClone();
    }

    private static JsonElement? Element(JsonNode? node) => node is JsonObject made ? JsonSerializer.SerializeToElement(made, ManifestJson.Node) : null;
}
