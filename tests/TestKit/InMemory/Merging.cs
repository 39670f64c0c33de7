using System.Globalization;
using System.Text.Json.Nodes;

namespace GpuMem.TestKit.InMemory;

/// <summary>The three kinds of patch that the API server knows, as far as GpuMem uses them.</summary>
internal static class Merging
{
    /// <summary>Server-side apply: sets what is wanted, takes away what the same manager set before and no longer wants. Lists are atomic.</summary>
    public static void Apply(JsonObject target, JsonObject wanted, JsonObject? before)
    {
        foreach (var name in (before ?? []).Select(member => member.Key).Where(name => !wanted.ContainsKey(name)))
            target.Remove(name);
        foreach (var (name, value) in wanted)
            if (value is JsonObject child && target[name] is JsonObject present)
                Apply(present, child, before?[name] as JsonObject);
            else
                target[name] = value?.DeepClone();
    }

    /// <summary>RFC 7386.</summary>
    public static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
            if (value is null)
                target.Remove(name);
            else if (value is JsonObject child && target[name] is JsonObject present)
                Merge(present, child);
            else
                target[name] = value.DeepClone();
    }

    /// <summary>RFC 6902: add, replace and test. False when a test fails.</summary>
    public static bool Patch(JsonObject target, JsonArray operations)
    {
        foreach (var operation in operations.OfType<JsonObject>())
        {
            var path = operation["path"]!.GetValue<string>().Split('/')[1..].Select(part => part.Replace("~1", "/").Replace("~0", "~")).ToArray();
            var parent = path[..^1].Aggregate((JsonNode)target, Step);
            if (operation["op"]!.GetValue<string>() == "test")
            {
                if (!JsonNode.DeepEquals(Step(parent, path[^1]), operation["value"]))
                    return false;
            }
            else if (operation["op"]!.GetValue<string>() == "remove")
            {
                parent.AsObject().Remove(path[^1]);
            }
            else if (parent is JsonArray list)
            {
                list.Add(operation["value"]!.DeepClone());
            }
            else
            {
                parent[path[^1]] = operation["value"]!.DeepClone();
            }
        }
        return true;
    }

    private static JsonNode Step(JsonNode parent, string part) =>
        (parent is JsonArray list ? list[int.Parse(part, CultureInfo.InvariantCulture)] : parent[part])
        ?? throw new InvalidOperationException($"nothing at '{part}'");
}
