using System.Text.Json.Nodes;

namespace GpuMem.Api.Pods;

/// <summary>One operation of a JSON patch (RFC 6902); only <c>add</c> and <c>replace</c> are ever needed.</summary>
public sealed record PatchOperation(string Op, IReadOnlyList<string> Path, JsonNode Value)
{
    public static JsonArray ToJson(IEnumerable<PatchOperation> operations) => new([.. operations.Select(operation => (JsonNode)new JsonObject
    {
        ["op"] = operation.Op,
        ["path"] = string.Concat(operation.Path.Select(part => "/" + Escaped(part))),
        ["value"] = operation.Value.DeepClone(),
    })]);

    /// <summary>Does to <paramref name="document"/> what the API server would.</summary>
    public static void Apply(JsonObject document, IEnumerable<PatchOperation> operations)
    {
        foreach (var (_, path, value) in operations)
        {
            JsonNode parent = document;
            foreach (var part in path.Take(path.Count - 1))
                parent = parent is JsonArray list ? list[int.Parse(part, System.Globalization.CultureInfo.InvariantCulture)]! : parent[part]!;
            if (parent is JsonArray array)
                array.Add(value.DeepClone());
            else
                parent[path[^1]] = value.DeepClone();
        }
    }

    private static string Escaped(string part) => part.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
