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
            schema["description"] = description.Description;
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
        SchemaKeywords.AddRules(schema, type);
        return schema;
    }

    public static IEnumerable<PropertyInfo> Properties(Type type) => type
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.CanWrite && !property.IsDefined(typeof(IgnoreAttribute))
            && property.GetCustomAttribute<JsonIgnoreAttribute>() is not { Condition: JsonIgnoreCondition.Always })
        .OrderBy(JsonName, StringComparer.Ordinal);

    public static string JsonName(PropertyInfo property) =>
        property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(property.Name);

    public static JsonObject Property(PropertyInfo property)
    {
        var schema = OfType(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType, property);
        SchemaKeywords.Add(schema, property);
        return schema;
    }

    public static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(value => (JsonNode)value)]);

    private static JsonObject OfType(Type type, PropertyInfo property)
    {
        if (property.IsDefined(typeof(EmbeddedResourceAttribute)))
            return new JsonObject { ["type"] = "object", ["x-kubernetes-embedded-resource"] = true, ["x-kubernetes-preserve-unknown-fields"] = true };
        if (property.IsDefined(typeof(PreserveUnknownFieldsAttribute)))
            return new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true };
        if (type.IsEnum)
            return new JsonObject { ["enum"] = Strings(Enum.GetNames(type)), ["type"] = "string" };
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
        if (type == typeof(IntOrString) || type == typeof(Quantity))
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
        var bounds = Bounds(property);
        var schema = new JsonObject { ["additionalProperties"] = new JsonObject { ["maxLength"] = bounds.MaxLength, ["type"] = "string" } };
        SchemaKeywords.AddBounds(schema, bounds.MinItems, bounds.MaxItems, "Properties");
        schema["type"] = "object";
        return schema;
    }

    private static JsonObject List(Type item, PropertyInfo property)
    {
        var bounds = Bounds(property);
        var schema = new JsonObject
        {
            ["items"] = item == typeof(string) ? new JsonObject { ["maxLength"] = bounds.MaxLength, ["type"] = "string" } : Object(item),
        };
        SchemaKeywords.AddBounds(schema, bounds.MinItems, bounds.MaxItems, "Items");
        schema["type"] = "array";
        if (property.GetCustomAttribute<XListMapKeysAttribute>() is { } keys)
            schema["x-kubernetes-list-map-keys"] = Strings(keys.Keys);
        if (property.GetCustomAttribute<XListTypeAttribute>() is { ListType: not XListType.Atomic and var listType })
            schema["x-kubernetes-list-type"] = JsonNamingPolicy.CamelCase.ConvertName(listType.ToString());
        return schema;
    }

    private static ItemsAttribute Bounds(PropertyInfo property) => property.GetCustomAttribute<ItemsAttribute>() is { MaxItems: < long.MaxValue } bounds
        ? bounds
        : throw new InvalidOperationException($"{property.DeclaringType?.Name}.{property.Name} has no [Items(maxItems: ...)]: lists and maps must be bounded");
}
