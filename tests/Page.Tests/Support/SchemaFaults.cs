using System.Text.Json;

namespace GpuMem.Page.Tests.Support;

/// <summary>Holds a value against what OpenAPI 3.1 says of it, as far as our description goes: types, enums, required and further members, items.</summary>
internal static class SchemaFaults
{
    public static IReadOnlyList<string> Of(JsonNode? value, JsonNode schema, string path = "$")
    {
        string[] types = schema["type"] is JsonArray several ? [.. several.Select(type => (string)type!)] : [(string)schema["type"]!];
        if (!types.Any(type => Is(value, type)))
            return [$"{path}: {value?.ToJsonString() ?? "null"} is not {string.Join(" or ", types)}"];
        return value switch
        {
            null => [],
            JsonObject members => [.. OfMembers(members, schema, path)],
            JsonArray items => [.. items.SelectMany((item, index) => Of(item, schema["items"]!, $"{path}[{index}]"))],
            _ => schema["enum"] is JsonArray names && !names.Any(name => JsonNode.DeepEquals(name, value)) ? [$"{path}: {value} is none of {names.ToJsonString()}"] : [],
        };
    }

    private static IEnumerable<string> OfMembers(JsonObject members, JsonNode schema, string path)
    {
        foreach (var name in schema["required"]?.AsArray() ?? [])
            if (!members.ContainsKey((string)name!))
                yield return $"{path}: {name} is missing";
        foreach (var (name, value) in members)
        {
            var known = schema["properties"]?[name] ?? (schema["additionalProperties"] is JsonObject further ? further : null);
            if (known is null && schema["additionalProperties"] is JsonValue)
                yield return $"{path}: nothing is said of {name}";
            foreach (var fault in known is null ? [] : Of(value, known, $"{path}.{name}"))
                yield return fault;
        }
    }

    private static bool Is(JsonNode? value, string type)
    {
        var kind = value?.GetValueKind() ?? JsonValueKind.Null;
        return type switch
        {
            "null" => kind == JsonValueKind.Null,
            "object" => kind == JsonValueKind.Object,
            "array" => kind == JsonValueKind.Array,
            "string" => kind == JsonValueKind.String,
            "boolean" => kind is JsonValueKind.True or JsonValueKind.False,
            "integer" => kind == JsonValueKind.Number && double.IsInteger(value!.GetValue<double>()),
            "number" => kind == JsonValueKind.Number,
            _ => throw new NotSupportedException(type),
        };
    }
}
