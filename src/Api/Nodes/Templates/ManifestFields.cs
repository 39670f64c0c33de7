using System.Text.Json.Nodes;

namespace GpuMem.Api.Nodes.Templates;

/// <summary>Fields of manifests whose schema belongs to others: what is not as expected is not there.</summary>
internal static class ManifestFields
{
    public static string? Text(this JsonNode? node, params ReadOnlySpan<string> path) => At(node, path) is JsonValue value && value.ToString() is { Length: > 0 } text ? text : null;

    /// <summary>Members that are text.</summary>
    public static Dictionary<string, string> Texts(this JsonNode? node, params ReadOnlySpan<string> path) => At(node, path) is JsonObject members
        ? members.Where(member => member.Value is JsonValue).ToDictionary(member => member.Key, member => member.Value!.ToString(), StringComparer.Ordinal)
        : new(StringComparer.Ordinal);

    /// <summary>Empty where there is no list.</summary>
    public static JsonArray Items(this JsonNode? node, params ReadOnlySpan<string> path) => At(node, path) as JsonArray ?? [];

    public static List<NodeTaint> Taints(this JsonNode? node, params ReadOnlySpan<string> path) => At(node, path) is JsonArray taints
        ? [.. taints.OfType<JsonObject>().Where(taint => taint.Text("key") is not null).Select(taint => new NodeTaint(taint.Text("key"), taint.Text("value"), taint.Text("effect")))]
        : [];

    private static JsonNode? At(JsonNode? node, ReadOnlySpan<string> path)
    {
        foreach (var member in path)
            node = (node as JsonObject)?[member];
        return node;
    }
}
