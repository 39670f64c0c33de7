using System.Text.Json.Nodes;

namespace GpuMem.Api.Commands.Training;

/// <summary>Values of a configuration that name another of it, <c>${variables.max_seq_len}</c>, as OmegaConf puts them in (omegaconf.readthedocs.io, variable interpolation).</summary>
internal static class Interpolations
{
    /// <summary>One value may name one that names another; and mappings in mappings. Nobody writes as many.</summary>
    private const int Most = 16;

    /// <param name="keys">The configuration.</param>
    /// <returns>The same, with the single values that other keys of it stand for; what names a list, a mapping or nothing stays as it is written, so that a short text makes no long one.</returns>
    public static JsonObject PutInto(JsonObject keys) => Put(keys, keys, 0)!.AsObject();

    private static JsonNode? Put(JsonNode? node, JsonObject root, int depth) => node switch
    {
        _ when depth > Most => node?.DeepClone(),
        JsonObject mapping => new JsonObject(mapping.Select(pair => KeyValuePair.Create(pair.Key, Put(pair.Value, root, depth + 1)))),
        JsonArray list => new JsonArray([.. list.Select(item => Put(item, root, depth + 1))]),
        JsonValue value when Named(value) is { } path => Find(root, path) is JsonValue found ? Put(found, root, depth + 1) : node.DeepClone(),
        _ => node?.DeepClone(),
    };

    /// <summary>What stands between the braces, where the value is nothing else.</summary>
    private static string? Named(JsonValue value) => value.ToString() is ['$', '{', .., '}'] text && text.IndexOf('}', StringComparison.Ordinal) == text.Length - 1 ? text[2..^1] : null;

    private static JsonNode? Find(JsonObject root, string path)
    {
        JsonNode? found = root;
        foreach (var part in path.Split('.'))
            found = (found as JsonObject)?[part];
        return found;
    }
}
