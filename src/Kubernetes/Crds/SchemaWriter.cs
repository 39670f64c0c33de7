using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using GpuMem.Kubernetes.Models;

namespace GpuMem.Kubernetes.Crds;

/// <summary>
/// Writes the structural OpenAPI schema of a C# type. Never writes a keyword at its default value: the API server drops those, and GitOps
/// tools then see a difference for ever (dotnet/dotnet-operator-sdk#818).
/// </summary>
internal static class SchemaWriter
{
    public static JsonObject Object(Type type)
    {
        var schema = new JsonObject();
        if (type.GetCustomAttribute<DescriptionAttribute>() is { } description)
            schema["description"] = description.Text;
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var property in Properties(type))
        {
            var name = JsonName(property);
            properties[name] = Property(property);
            if (property.IsDefined(typeof(RequiredAttribute)))
                required.Add(name);
        }
        schema["properties"] = properties;
        if (required.Count > 0)
            schema["required"] = required;
        schema["type"] = "object";
        AddRules(schema, type);
        return schema;
    }

    private static IEnumerable<PropertyInfo> Properties(Type type) => type
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.CanWrite && property.GetCustomAttribute<JsonIgnoreAttribute>() is not { Condition: JsonIgnoreCondition.Always })
        .OrderBy(JsonName, StringComparer.Ordinal);

    private static string JsonName(PropertyInfo property) =>
        property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(property.Name);

    private static JsonObject Property(PropertyInfo property)
    {
        var schema = OfType(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType, property);
        if (property.GetCustomAttribute<DescriptionAttribute>() is { } description)
            schema["description"] = description.Text;
        if (property.GetCustomAttribute<PatternAttribute>() is { } pattern)
            schema["pattern"] = pattern.Regex;
        if (property.GetCustomAttribute<LengthAttribute>() is { } length)
        {
            schema["maxLength"] = length.Max;
            if (length.Min > 0)
                schema["minLength"] = length.Min;
        }
        if (property.GetCustomAttribute<RangeAttribute>() is { } range)
        {
            schema["minimum"] = range.Min;
            schema["maximum"] = range.Max;
        }
        AddRules(schema, property);
        return schema;
    }

    private static JsonObject OfType(Type type, PropertyInfo property)
    {
        if (property.IsDefined(typeof(PreserveUnknownFieldsAttribute)))
            return new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true };
        if (type.IsEnum)
            return new JsonObject { ["enum"] = new JsonArray([.. Enum.GetNames(type).Select(name => (JsonNode)name)]), ["type"] = "string" };
        if (type == typeof(string))
            return new JsonObject { ["type"] = "string" };
        if (type == typeof(bool))
            return new JsonObject { ["type"] = "boolean" };
        if (type == typeof(int))
            return new JsonObject { ["format"] = "int32", ["type"] = "integer" };
        if (type == typeof(long))
            return new JsonObject { ["format"] = "int64", ["type"] = "integer" };
        if (type == typeof(DateTimeOffset))
            return new JsonObject { ["format"] = "date-time", ["type"] = "string" };
        if (type == typeof(V1ObjectMeta))
            return new JsonObject { ["type"] = "object" };
        if (type == typeof(IntOrString) || type == typeof(ResourceQuantity))
            return IntOrStringSchema();
        if (typeof(IDictionary<string, string>).IsAssignableFrom(type))
            return Map(property);
        return typeof(IEnumerable).IsAssignableFrom(type) ? List(type.GetGenericArguments()[0], property) : Object(type);
    }

    private static JsonObject IntOrStringSchema() => new()
    {
        ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "integer" }, new JsonObject { ["type"] = "string" }),
        ["x-kubernetes-int-or-string"] = true,
    };

    private static JsonObject Map(PropertyInfo property)
    {
        var items = property.GetCustomAttribute<ItemsAttribute>() ?? new ItemsAttribute(64);
        return new JsonObject
        {
            ["additionalProperties"] = new JsonObject { ["maxLength"] = items.MaxLength, ["type"] = "string" },
            ["maxProperties"] = items.Max,
            ["type"] = "object",
        };
    }

    private static JsonObject List(Type item, PropertyInfo property)
    {
        var bounds = property.GetCustomAttribute<ItemsAttribute>()
            ?? throw new InvalidOperationException($"{property.DeclaringType?.Name}.{property.Name} is a list without [Items]: its length must be bounded");
        var schema = new JsonObject
        {
            ["items"] = item == typeof(string) ? new JsonObject { ["maxLength"] = bounds.MaxLength, ["type"] = "string" } : Object(item),
            ["maxItems"] = bounds.Max,
            ["type"] = "array",
        };
        if (property.GetCustomAttribute<ListMapKeyAttribute>() is { } key)
        {
            schema["x-kubernetes-list-map-keys"] = new JsonArray(key.Key);
            schema["x-kubernetes-list-type"] = "map";
        }
        return schema;
    }

    private static void AddRules(JsonObject schema, MemberInfo member)
    {
        var rules = member.GetCustomAttributes<ValidationRuleAttribute>()
            .Select(rule => (JsonNode)new JsonObject { ["message"] = rule.Message, ["rule"] = rule.Rule })
            .ToArray();
        if (rules.Length > 0)
            schema["x-kubernetes-validations"] = new JsonArray(rules);
    }
}
