using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace GpuMem.Api.Tests.Crds;

/// <summary>Holds an object against a structural schema as the API server does, CEL rules excepted; strict about unknown fields, as kubectl is.</summary>
internal static class SchemaValidator
{
    public static IReadOnlyList<string> Faults(JsonNode? value, JsonObject schema, string path = "") =>
        [.. Type(value, schema) is { } mismatch ? [$"{path}: {mismatch}"] : Own(value!, schema).Select(fault => $"{path}: {fault}").Concat(Inner(value!, schema, path))];

    private static string? Type(JsonNode? value, JsonObject schema)
    {
        var kind = value?.GetValueKind() ?? JsonValueKind.Null;
        var whole = kind == JsonValueKind.Number && double.IsInteger(Number(value));
        var (expected, right) = schema.ContainsKey("x-kubernetes-int-or-string")
            ? ("integer or string", whole || kind == JsonValueKind.String)
            : ((string)schema["type"]!, (string)schema["type"]! switch
            {
                "object" => kind == JsonValueKind.Object,
                "array" => kind == JsonValueKind.Array,
                "string" => kind == JsonValueKind.String,
                "boolean" => kind is JsonValueKind.True or JsonValueKind.False,
                "integer" => whole,
                var other => throw new NotSupportedException(other),
            });
        return right ? null : $"is {kind}, not {expected}";
    }

    private static IEnumerable<string> Own(JsonNode value, JsonObject schema)
    {
        if (schema["enum"] is JsonArray names && !names.Any(name => JsonNode.DeepEquals(name, value)))
            yield return $"{value} is none of {names.ToJsonString()}";
        if (value.GetValueKind() == JsonValueKind.String)
        {
            var text = (string)value!;
            if (schema["pattern"] is { } pattern && !Regex.IsMatch(text, (string)pattern!))
                yield return $"{text} does not match {pattern}";
            if ((string?)schema["format"] == "date-time" && !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _))
                yield return $"{text} is no date-time";
        }
        var (size, bounds) = value switch
        {
            JsonObject map => (map.Count, "Properties"),
            JsonArray list => (list.Count, "Items"),
            _ => value.GetValueKind() == JsonValueKind.String ? (((string)value!).Length, "Length") : (0, ""),
        };
        if (bounds.Length > 0 && size > Number(schema[$"max{bounds}"], double.MaxValue))
            yield return $"{size} is more than max{bounds}";
        if (bounds.Length > 0 && size < Number(schema[$"min{bounds}"], 0))
            yield return $"{size} is less than min{bounds}";
        if (value.GetValueKind() == JsonValueKind.Number && Number(value) > Number(schema["maximum"], double.MaxValue))
            yield return $"{value} is more than {schema["maximum"]}";
        if (value.GetValueKind() == JsonValueKind.Number && Number(value) < Number(schema["minimum"], double.MinValue))
            yield return $"{value} is less than {schema["minimum"]}";
        foreach (var name in schema["required"] as JsonArray ?? [])
            if (!value.AsObject().ContainsKey((string)name!))
                yield return $"{name} is required";
    }

    private static IEnumerable<string> Inner(JsonNode value, JsonObject schema, string path)
    {
        if (value is JsonArray list)
            return list.SelectMany((item, index) => Faults(item, schema["items"]!.AsObject(), $"{path}[{index}]"));
        // A schema of metadata says no more than that it is an object: the API server knows the rest.
        var opaque = schema.ContainsKey("x-kubernetes-preserve-unknown-fields") || path == ".metadata";
        return value is not JsonObject map || opaque ? [] : map.SelectMany(field =>
            (schema["properties"]?[field.Key] ?? schema["additionalProperties"]) is JsonObject inner
                ? Faults(field.Value, inner, $"{path}.{field.Key}")
                : [$"{path}.{field.Key}: unknown field"]);
    }

    private static double Number(JsonNode? node, double absent = 0) => node is null ? absent : double.Parse(node.ToJsonString(), CultureInfo.InvariantCulture);
}
