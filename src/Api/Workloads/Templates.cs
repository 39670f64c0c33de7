using System.Text.Json;
using System.Text.Json.Nodes;
using GpuMem.Api.Pods;

namespace GpuMem.Api.Workloads;

/// <summary>Pods of a workload from the three shapes in which manifests hold them: a pod template, the spec of a pod, a container.</summary>
internal static class Templates
{
    /// <summary>Metadata and spec. Nothing where there is no spec.</summary>
    public static IEnumerable<WorkloadPods> Template(JsonElement? template, string role, long? count, params string[] path) =>
        template.Member("spec") is { ValueKind: JsonValueKind.Object } ? Read(template!.Value, role, count, path) : [];

    /// <summary>A spec alone, as KServe has it; where it has no containers, nothing.</summary>
    public static IEnumerable<WorkloadPods> Spec(JsonElement? spec, string role, long? count) =>
        spec.Member("containers") is { ValueKind: JsonValueKind.Array } ? Read(Whole(new JsonObject { ["spec"] = JsonObject.Create(spec!.Value) }), role, count, null) : [];

    /// <summary>A container alone.</summary>
    /// <param name="around">What may say on which nodes its pod runs, first what decides.</param>
    public static IEnumerable<WorkloadPods> Container(JsonElement? container, string role, long? count, params JsonElement?[] around) =>
        container is { ValueKind: JsonValueKind.Object } one ? Containers(new JsonArray(JsonObject.Create(one)), role, count, around) : [];

    /// <summary>Containers alone that are one pod.</summary>
    public static IEnumerable<WorkloadPods> Containers(JsonElement? containers, string role, long? count, params JsonElement?[] around) =>
        containers is { ValueKind: JsonValueKind.Array } several ? Containers(JsonArray.Create(several)!, role, count, around) : [];

    private static IEnumerable<WorkloadPods> Containers(JsonArray containers, string role, long? count, JsonElement?[] around)
    {
        var spec = new JsonObject { ["containers"] = containers };
        foreach (var field in new[] { "nodeSelector", "affinity" })
            // Argo puts its parameters in only when it makes the pod.
            if (around.Select(place => place.Member(field)).FirstOrDefault(place => place is not null) is { ValueKind: JsonValueKind.Object } placed && !placed.GetRawText().Contains("{{", StringComparison.Ordinal))
                spec[field] = JsonObject.Create(placed);
        return Read(Whole(new JsonObject { ["spec"] = spec }), role, count, null);
    }

    private static JsonElement Whole(JsonObject pod) => JsonSerializer.SerializeToElement(pod, ManifestJson.Node);

    private static IEnumerable<WorkloadPods> Read(JsonElement template, string role, long? count, string[]? path)
    {
        try
        {
            return template.Deserialize(PodContract.Pod) is { } pod ? [new WorkloadPods(role, pod, count, path) { Written = template }] : [];
        }
        catch (JsonException)
        {
            // Not the shape of a pod: the API server, or the workload's own controller, says what is wrong with it.
            return [];
        }
    }
}
