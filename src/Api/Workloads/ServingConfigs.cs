using System.Text.Json.Nodes;
using GpuMem.Api.Json;

namespace GpuMem.Api.Workloads;

/// <summary>
/// An LLMInferenceService with the configurations that it names, put together as KServe does: those in their order, and the service's own spec over all (kserve
/// pkg/controller/v1alpha2/llmisvc/config_merge.go).
/// </summary>
internal static class ServingConfigs
{
    private const string Group = "serving.kserve.io";

    /// <summary>Where configurations are that every namespace may name.</summary>
    private const string SystemNamespace = "kserve";

    public static bool IsConfig(JsonObject manifest) => IsOf(manifest, "LLMInferenceServiceConfig");

    public static bool IsService(JsonObject manifest) => IsOf(manifest, "LLMInferenceService");

    /// <summary>Itself where it names none, or one that is not among these.</summary>
    public static JsonObject Completed(JsonObject service, IEnumerable<JsonObject> configs)
    {
        if (service["spec"] is not JsonObject own || own["baseRefs"] is not JsonArray { Count: > 0 } references)
            return service;
        List<JsonObject?> named = [.. references.Select(reference => configs.Where(IsConfig).FirstOrDefault(config => IsNamed(config, reference, service)))];
        if (named.Exists(config => config?["spec"] is not JsonObject))
            return service;
        var spec = new JsonObject();
        foreach (var part in named.Select(config => config!["spec"]!.AsObject()).Append(own))
        {
            var over = part.DeepClone().AsObject();
            over.Remove("baseRefs");
            StrategicMerge.Apply(spec, over);
        }
        var completed = service.DeepClone().AsObject();
        completed["spec"] = spec;
        return completed;
    }

    private static bool IsNamed(JsonObject config, JsonNode? reference, JsonObject service) =>
        config.Text("metadata", "name") is { } name && name == reference.Text("name")
        && (Namespace(config) is SystemNamespace || Namespace(config) == Namespace(service));

    private static string? Namespace(JsonObject manifest) => manifest.Text("metadata", "namespace");

    private static bool IsOf(JsonObject manifest, string kind) => manifest["kind"]?.ToString() == kind && WorkloadReader.Group(manifest["apiVersion"]?.ToString()) == Group;
}
