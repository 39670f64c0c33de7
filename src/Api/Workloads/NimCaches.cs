using System.Text.Json.Nodes;
using GpuMem.Api.Json;

namespace GpuMem.Api.Workloads;

/// <summary>
/// A NIMService whose image serves any model, with the NIMCache that it names, which says where the model is from (k8s-nim-operator
/// api/apps/v1alpha1/nimcache_types.go, NIMSource; the operator itself sets the variable to where it is stored).
/// </summary>
internal static class NimCaches
{
    private const string Group = "apps.nvidia.com";

    /// <summary>Which model such an image serves.</summary>
    private const string Model = "NIM_MODEL_NAME";

    public static bool IsCache(JsonObject manifest) => IsOf(manifest, "NIMCache");

    public static bool IsService(JsonObject manifest) => IsOf(manifest, "NIMService");

    /// <summary>Itself where it says which model it serves, or names no cache among these that is of Hugging Face.</summary>
    public static JsonObject Completed(JsonObject service, IEnumerable<JsonObject> beside)
    {
        var name = service.Text("spec", "storage", "nimCache", "name");
        var cache = name is null ? null : beside.Where(IsCache).FirstOrDefault(one => one.Text("metadata", "name") == name && one.Text("metadata", "namespace") == service.Text("metadata", "namespace"));
        if (cache?.Text("spec", "source", "hf", "namespace") is not { } owner || cache.Text("spec", "source", "hf", "modelName") is not { } model || service["spec"] is not JsonObject spec)
            return service;
        var variables = spec["env"] as JsonArray ?? [];
        if (variables.OfType<JsonObject>().Any(variable => variable["name"]?.ToString() == Model))
            return service;
        var completed = service.DeepClone().AsObject();
        completed["spec"]!["env"] = new JsonArray([.. variables.Select(variable => variable?.DeepClone()), new JsonObject { ["name"] = Model, ["value"] = $"hf://{owner}/{model}" }]);
        return completed;
    }

    private static bool IsOf(JsonObject manifest, string kind) => manifest["kind"]?.ToString() == kind && WorkloadReader.Group(manifest["apiVersion"]?.ToString()) == Group;
}
