using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuMem.Api.Nodes;

namespace GpuMem.Api.Workloads;

/// <summary>sparkoperator.k8s.io SparkApplication: a driver and executors, whose GPUs stand beside their container (spark-operator api/v1beta2).</summary>
internal static class SparkWorkloads
{
    public static IEnumerable<WorkloadPods> Application(JsonElement? application) => Of(application.Member("spec"));

    /// <summary>What one of its applications makes.</summary>
    public static IEnumerable<WorkloadPods> Scheduled(JsonElement? application) => Of(application.Member("spec", "template"));

    /// <summary>Where Spark decides how many executors there are, that is not known.</summary>
    private static IEnumerable<WorkloadPods> Of(JsonElement? spec) =>
        Part(spec, "driver", 1).Concat(Part(spec, "executor", spec.Member("dynamicAllocation", "enabled") is { ValueKind: JsonValueKind.True } ? null : spec.Member("executor").Number("instances") ?? 1));

    private static IEnumerable<WorkloadPods> Part(JsonElement? spec, string part, long? count)
    {
        if (spec.Member(part) is not { ValueKind: JsonValueKind.Object } written)
            return [];
        var template = Copy(spec.Member(part, "template"));
        var pod = template["spec"] as JsonObject ?? [];
        var container = ((pod["containers"] as JsonArray)?.OfType<JsonObject>().FirstOrDefault() ?? new JsonObject { ["name"] = $"spark-kubernetes-{part}" }).DeepClone().AsObject();
        if ((spec.Member(part).Text("image") ?? spec.Text("image")) is { } image)
            container["image"] = image;
        if (spec.Member(part, "gpu").Number("quantity") is { } gpus)
            container["resources"] = new JsonObject { ["limits"] = new JsonObject { [spec.Member(part, "gpu").Text("name") ?? GpuResources.Nvidia] = gpus.ToString(CultureInfo.InvariantCulture) } };
        if (Script(spec) is { } words && container["resources"] is not null)
            container["command"] = new JsonArray([.. words.Select(word => (JsonNode)word)]);
        pod["containers"] = new JsonArray(container);
        foreach (var field in new[] { "nodeSelector", "affinity", "tolerations" })
            if ((((JsonElement?)written).Member(field) ?? spec.Member(field)) is { } placed && pod[field] is null)
                pod[field] = JsonNode.Parse(placed.GetRawText());
        template["spec"] = pod.Parent is null ? pod : pod.DeepClone();
        var metadata = template["metadata"] as JsonObject ?? [];
        foreach (var field in new[] { "labels", "annotations" })
            if (((JsonElement?)written).Member(field) is { ValueKind: JsonValueKind.Object } said)
                metadata[field] = JsonNode.Parse(said.GetRawText());
        template["metadata"] = metadata.Parent is null ? metadata : metadata.DeepClone();
        return Templates.Template(JsonSerializer.SerializeToElement(template, ManifestJson.Node), part, count).Select(pods => pods with { Path = null });
    }

    /// <summary>
    /// What the application is told. With a TorchDistributor its processes run where the GPUs are, as many as the script says (spark python/pyspark/ml/torch/distributor.py);
    /// null where it is no Python.
    /// </summary>
    private static List<string>? Script(JsonElement? spec) =>
        spec.Text("mainApplicationFile") is { } file && file.EndsWith(".py", StringComparison.Ordinal)
            ? ["python", file[(file.IndexOf("://", StringComparison.Ordinal) is >= 0 and var at ? at + 3 : 0)..], .. Arguments(spec)]
            : null;

    private static IEnumerable<string> Arguments(JsonElement? spec) =>
        spec.Member("arguments") is { ValueKind: JsonValueKind.Array } arguments ? arguments.EnumerateArray().Select(argument => argument.ToString()) : [];

    private static JsonObject Copy(JsonElement? element) => element is { ValueKind: JsonValueKind.Object } written ? JsonNode.Parse(written.GetRawText())!.AsObject() : [];
}
