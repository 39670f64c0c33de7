using System.Text.Json.Nodes;

namespace GpuMem.Api.Json;

/// <summary>Fields of manifests whose schema belongs to others: what is not as expected is not there.</summary>
public static class ManifestFields
{
    /// <summary>What stands there; null also where something on the way is no object.</summary>
    public static JsonNode? Member(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var member in path)
            node = (node as JsonObject)?[member];
        return node;
    }

    /// <summary>A text, a number or a truth value as text; null where there is none.</summary>
    public static string? Text(this JsonNode? node, params ReadOnlySpan<string> path) => node.Member(path) is JsonValue value && value.ToString() is { Length: > 0 } text ? text : null;

    /// <summary>Members that are text.</summary>
    public static Dictionary<string, string> Texts(this JsonNode? node, params ReadOnlySpan<string> path) => node.Member(path) is JsonObject members
        ? members.Where(member => member.Value is JsonValue).ToDictionary(member => member.Key, member => member.Value!.ToString(), StringComparer.Ordinal)
        : new(StringComparer.Ordinal);

    /// <summary>Empty where there is no list.</summary>
    public static JsonArray Items(this JsonNode? node, params ReadOnlySpan<string> path) => node.Member(path) as JsonArray ?? [];
}
