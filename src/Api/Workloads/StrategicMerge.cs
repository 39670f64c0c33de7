using System.Text.Json.Nodes;

namespace GpuMem.Api.Workloads;

/// <summary>
/// A patch of a pod template by Kubernetes' strategic merge: objects are merged, of the lists that are known here items with the same key, and any other
/// list is replaced (patchMergeKey in k8s.io/api/core/v1/types.go).
/// </summary>
internal static class StrategicMerge
{
    /// <param name="target">What is changed.</param>
    /// <param name="patch">What it gets; taken apart.</param>
    public static void Apply(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch.ToList())
        {
            patch.Remove(name);
            if (value is null)
                target.Remove(name);
            else if (value is JsonObject inner && target[name] is JsonObject before)
                Apply(before, inner);
            else if (value is JsonArray items && target[name] is JsonArray list && KeyOf(name) is { } key)
                Apply(list, items, key);
            else
                target[name] = value;
        }
    }

    private static void Apply(JsonArray list, JsonArray patch, string key)
    {
        foreach (var item in patch.ToList())
        {
            patch.Remove(item);
            if (item is JsonObject changes && list.OfType<JsonObject>().FirstOrDefault(known => known[key]?.ToString() == changes[key]?.ToString()) is { } same)
                Apply(same, changes);
            else
                list.Add(item);
        }
    }

    private static string? KeyOf(string list) => list switch
    {
        "containers" or "initContainers" or "env" or "volumes" or "imagePullSecrets" or "resourceClaims" => "name",
        "volumeMounts" => "mountPath",
        _ => null,
    };
}
