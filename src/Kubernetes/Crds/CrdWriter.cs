using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuMem.Kubernetes.Models;

namespace GpuMem.Kubernetes.Crds;

/// <summary>Writes the CustomResourceDefinition of an entity type; the file in <c>config/crd</c> is its output, byte for byte.</summary>
public static class CrdWriter
{
    public static JsonObject Write(Type entity)
    {
        var metadata = entity.GetCustomAttribute<KubernetesEntityAttribute>()
            ?? throw new ArgumentException($"{entity.Name} has no [KubernetesEntity]", nameof(entity));
        var scope = entity.GetCustomAttribute<EntityScopeAttribute>()?.Scope ?? EntityScope.Namespaced;
        return new JsonObject
        {
            ["apiVersion"] = "apiextensions.k8s.io/v1",
            ["kind"] = "CustomResourceDefinition",
            ["metadata"] = new JsonObject { ["name"] = $"{metadata.PluralName}.{metadata.Group}" },
            ["spec"] = new JsonObject
            {
                ["group"] = metadata.Group,
                ["names"] = Names(entity, metadata),
                ["scope"] = scope.ToString(),
                ["versions"] = new JsonArray(Version(entity, metadata)),
            },
        };
    }

    private static JsonObject Names(Type entity, KubernetesEntityAttribute metadata)
    {
        var names = new JsonObject();
        var extra = entity.GetCustomAttribute<EntityNamesAttribute>();
        if (extra?.Categories is { Length: > 0 } categories)
            names["categories"] = Strings(categories);
        names["kind"] = metadata.Kind;
        names["listKind"] = $"{metadata.Kind}List";
        names["plural"] = metadata.PluralName;
        if (extra?.ShortNames is { Length: > 0 } shortNames)
            names["shortNames"] = Strings(shortNames);
        names["singular"] = metadata.Kind.ToLowerInvariant();
        return names;
    }

    private static JsonObject Version(Type entity, KubernetesEntityAttribute metadata) => new()
    {
        ["additionalPrinterColumns"] = new JsonArray([.. entity.GetCustomAttributes<PrinterColumnAttribute>().Select(Column)]),
        ["name"] = metadata.ApiVersion,
        ["schema"] = new JsonObject { ["openAPIV3Schema"] = Schema(entity) },
        ["served"] = true,
        ["storage"] = true,
        ["subresources"] = new JsonObject { ["status"] = new JsonObject() },
    };

    private static JsonObject Schema(Type entity)
    {
        var schema = SchemaWriter.Object(entity);
        var properties = schema["properties"]!.AsObject();
        // The API server owns these three; a description and the type is all a schema may say of them.
        properties["apiVersion"] = new JsonObject { ["description"] = "Version of this schema: group/version.", ["type"] = "string" };
        properties["kind"] = new JsonObject { ["description"] = "What this object is.", ["type"] = "string" };
        properties["metadata"] = new JsonObject { ["type"] = "object" };
        schema["properties"] = new JsonObject(properties.OrderBy(property => property.Key, StringComparer.Ordinal)
            .Select(property => KeyValuePair.Create(property.Key, property.Value?.DeepClone())));
        return schema;
    }

    private static JsonNode Column(PrinterColumnAttribute column)
    {
        var node = new JsonObject();
        if (column.Description is { } description)
            node["description"] = description;
        node["jsonPath"] = column.JsonPath;
        node["name"] = column.Name;
        if (column.Priority != 0)
            node["priority"] = column.Priority;
        node["type"] = column.Type;
        return node;
    }

    private static JsonArray Strings(string[] values) => new([.. values.Select(value => (JsonNode)value)]);
}
