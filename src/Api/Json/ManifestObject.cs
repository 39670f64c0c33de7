using System.Text.Json;
using System.Text.Json.Nodes;

namespace GpuMem.Api.Json;

/// <summary>Reads what stands in a manifest as an object of its kind.</summary>
public static class ManifestObject
{
    /// <exception cref="JsonException">It has not the shape of its kind.</exception>
    public static T As<T>(JsonObject manifest) =>
        ApiJson.Default.Deserialize<T>(ApiJson.Default.Serialize(manifest)) ?? throw new JsonException("the object is null");

    /// <summary>As <see cref="As{T}"/>, and nothing was said in vain: a field that is not known is an error, as under the API server's strict validation.</summary>
    /// <param name="manifest">What was written.</param>
    /// <param name="below">The member that is looked at; null looks at all.</param>
    /// <param name="unknown">The path of a field that is not known; null when all are.</param>
    /// <exception cref="JsonException">As above.</exception>
    public static T Whole<T>(JsonObject manifest, string? below, out string? unknown)
    {
        var read = As<T>(manifest);
        var understood = JsonNode.Parse(ApiJson.Default.Serialize(read))!;
        unknown = below is null ? UnknownField(manifest, understood, "") : UnknownField(manifest[below], understood[below], below);
        return read;
    }

    private static string? UnknownField(JsonNode? written, JsonNode? understood, string path) => written switch
    {
        JsonObject fields => fields.Where(field => field.Value is not null)
            .Select(field => (Path: path.Length == 0 ? field.Key : $"{path}.{field.Key}", field.Value, Understood: (understood as JsonObject)?[field.Key]))
            .Select(field => field.Understood is null ? field.Path : UnknownField(field.Value, field.Understood, field.Path))
            .FirstOrDefault(unknown => unknown is not null),
        _ => null,
    };
}
