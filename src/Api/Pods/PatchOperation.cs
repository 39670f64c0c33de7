using System.Text.Json.Nodes;

namespace GpuMem.Api.Pods;

/// <summary>One operation of a JSON patch (RFC 6902).</summary>
/// <param name="Op"><c>add</c> or <c>replace</c>; of what is stored already also <c>test</c> and <c>remove</c>.</param>
/// <param name="Path">Names and positions from the top, not escaped.</param>
/// <param name="Value">Null to remove.</param>
public sealed record PatchOperation(string Op, IReadOnlyList<string> Path, JsonNode? Value)
{
    public static JsonArray ToJson(IEnumerable<PatchOperation> operations) => new([.. operations.Select(operation => (JsonNode)operation.ToJson())]);

    /// <summary>Does what additions and replacements say to <paramref name="document"/> what the API server would.</summary>
    public static void Apply(JsonObject document, IEnumerable<PatchOperation> operations)
    {
        foreach (var (_, path, value) in operations)
        {
            JsonNode parent = document;
            foreach (var part in path.Take(path.Count - 1))
                parent = parent is JsonArray list ? list[int.Parse(part, System.Globalization.CultureInfo.InvariantCulture)]! : parent[part]!;
            if (parent is JsonArray array)
                array.Add(value!.DeepClone());
            else
                parent[path[^1]] = value!.DeepClone();
        }
    }

    private JsonObject ToJson()
    {
        var json = new JsonObject { ["op"] = Op, ["path"] = string.Concat(Path.Select(part => "/" + Escaped(part))) };
        if (Value is not null)
            json["value"] = Value.DeepClone();
        return json;
    }

    private static string Escaped(string part) => part.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
