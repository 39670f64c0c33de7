namespace GpuMem.Kubernetes.Crds;

/// <summary>
/// Writes the CustomResourceDefinition of an entity type, which has one version; the file in <c>config/crd</c> is its output, byte for
/// byte.
/// </summary>
public static class CrdWriter
{
    /// <param name="json">How the entity is read and written; the schema has the same fields under the same names.</param>
    /// <param name="entity">The entity's type.</param>
    public static JsonObject Write(IJsonTypeInfoResolver json, Type entity)
    {
        var metadata = EntityMetadata.From(entity);
        return new JsonObject
        {
            ["apiVersion"] = "apiextensions.k8s.io/v1",
            ["kind"] = "CustomResourceDefinition",
            ["metadata"] = new JsonObject { ["name"] = $"{metadata.Plural}.{metadata.Group}" },
            ["spec"] = new JsonObject
            {
                ["group"] = metadata.Group,
                ["names"] = Names(entity, metadata),
                ["scope"] = metadata.Scope.ToString(),
                ["versions"] = new JsonArray(Version(new SchemaWriter(json), entity, metadata)),
            },
        };
    }

    private static JsonObject Names(Type entity, EntityMetadata metadata)
    {
        var names = new JsonObject();
        if (entity.GetCustomAttribute<KubernetesEntityCategoriesAttribute>()?.Categories is { Length: > 0 } categories)
            names["categories"] = SchemaWriter.Strings(categories);
        names["kind"] = metadata.Kind;
        names["listKind"] = $"{metadata.Kind}List";
        names["plural"] = metadata.Plural;
        if (entity.GetCustomAttribute<KubernetesEntityShortNamesAttribute>()?.ShortNames is { Length: > 0 } shortNames)
            names["shortNames"] = SchemaWriter.Strings(shortNames);
        names["singular"] = metadata.Kind.ToLowerInvariant();
        return names;
    }

    private static JsonObject Version(SchemaWriter schemas, Type entity, EntityMetadata metadata)
    {
        var schema = Schema(schemas, entity);
        var version = new JsonObject();
        if (entity.GetCustomAttributes<GenericAdditionalPrinterColumnAttribute>().Select(Column).ToArray() is { Length: > 0 } columns)
            version["additionalPrinterColumns"] = new JsonArray(columns);
        version["name"] = metadata.Version;
        version["schema"] = new JsonObject { ["openAPIV3Schema"] = schema };
        version["served"] = true;
        version["storage"] = true;
        if (schema["properties"]!["status"] is not null)
            version["subresources"] = new JsonObject { ["status"] = new JsonObject() };
        return version;
    }

    private static JsonObject Schema(SchemaWriter schemas, Type entity)
    {
        var schema = schemas.Object(entity);
        var properties = schema["properties"]!.AsObject();
        // The API server owns these three; a description and the type is all a schema may say of them.
        properties["apiVersion"] = new JsonObject { ["description"] = "Version of this schema: group/version.", ["type"] = "string" };
        properties["kind"] = new JsonObject { ["description"] = "What this object is.", ["type"] = "string" };
        properties["metadata"] = new JsonObject { ["type"] = "object" };
        return schema;
    }

    private static JsonNode Column(GenericAdditionalPrinterColumnAttribute attribute)
    {
        var column = new JsonObject();
        if (attribute.Description is { } description)
            column["description"] = description;
        column["jsonPath"] = attribute.JsonPath;
        column["name"] = attribute.Name;
        if (attribute.Priority != PrinterColumnPriority.StandardView)
            column["priority"] = (int)attribute.Priority;
        column["type"] = attribute.Type;
        return column;
    }
}
