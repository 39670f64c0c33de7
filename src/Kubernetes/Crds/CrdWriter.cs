namespace GpuMem.Kubernetes.Crds;

/// <summary>Writes the CustomResourceDefinition of an entity type; the file in <c>config/crd</c> is its output, byte for byte.</summary>
public static class CrdWriter
{
    /// <param name="json">How the entity is read and written; the schema has the same fields under the same names.</param>
    /// <param name="versions">The entity's type, one for each version; of several, one is marked <see cref="StorageVersionAttribute"/>.</param>
    public static JsonObject Write(IJsonTypeInfoResolver json, params Type[] versions)
    {
        var stored = versions.Length == 1 ? versions : [.. versions.Where(version => version.IsDefined(typeof(StorageVersionAttribute)))];
        if (stored.Length != 1)
            throw new ArgumentException($"{stored.Length} of {versions.Length} versions have [StorageVersion]; exactly one stores objects", nameof(versions));
        var metadata = Metadata(stored[0]);
        var schemas = new SchemaWriter(json);
        var scope = stored[0].GetCustomAttribute<EntityScopeAttribute>()?.Scope ?? EntityScope.Namespaced;
        return new JsonObject
        {
            ["apiVersion"] = "apiextensions.k8s.io/v1",
            ["kind"] = "CustomResourceDefinition",
            ["metadata"] = new JsonObject { ["name"] = $"{metadata.PluralName}.{metadata.Group}" },
            ["spec"] = new JsonObject
            {
                ["group"] = metadata.Group,
                ["names"] = Names(stored[0], metadata),
                ["scope"] = scope.ToString(),
                ["versions"] = new JsonArray([.. versions.Select(version => (JsonNode)Version(schemas, version, version == stored[0]))]),
            },
        };
    }

    private static KubernetesEntityAttribute Metadata(Type entity) => entity.GetCustomAttribute<KubernetesEntityAttribute>()
        ?? throw new ArgumentException($"{entity.Name} has no [KubernetesEntity]", nameof(entity));

    private static JsonObject Names(Type entity, KubernetesEntityAttribute metadata)
    {
        var names = new JsonObject();
        if (entity.GetCustomAttribute<KubernetesEntityCategoriesAttribute>()?.Categories is { Length: > 0 } categories)
            names["categories"] = SchemaWriter.Strings(categories);
        names["kind"] = metadata.Kind;
        names["listKind"] = $"{metadata.Kind}List";
        names["plural"] = metadata.PluralName;
        if (entity.GetCustomAttribute<KubernetesEntityShortNamesAttribute>()?.ShortNames is { Length: > 0 } shortNames)
            names["shortNames"] = SchemaWriter.Strings(shortNames);
        names["singular"] = metadata.Kind.ToLowerInvariant();
        return names;
    }

    private static JsonObject Version(SchemaWriter schemas, Type entity, bool stored)
    {
        var schema = Schema(schemas, entity);
        var version = new JsonObject();
        if (PrinterColumns.Of(schemas, entity) is { Count: > 0 } columns)
            version["additionalPrinterColumns"] = columns;
        version["name"] = Metadata(entity).ApiVersion;
        version["schema"] = new JsonObject { ["openAPIV3Schema"] = schema };
        version["served"] = true;
        version["storage"] = stored;
        if (Subresources(entity, schema) is { Count: > 0 } subresources)
            version["subresources"] = subresources;
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
        schema["properties"] = new JsonObject(properties.OrderBy(property => property.Key, StringComparer.Ordinal)
            .Select(property => KeyValuePair.Create(property.Key, property.Value?.DeepClone())));
        return schema;
    }

    private static JsonObject Subresources(Type entity, JsonObject schema)
    {
        var subresources = new JsonObject();
        if (entity.GetCustomAttribute<ScaleSubresourceAttribute>() is { } scale)
        {
            var paths = new JsonObject { ["specReplicasPath"] = scale.SpecReplicasPath, ["statusReplicasPath"] = scale.StatusReplicasPath };
            if (scale.LabelSelectorPath is { } selector)
                paths["labelSelectorPath"] = selector;
            subresources["scale"] = paths;
        }
        if (schema["properties"]!["status"] is not null)
            subresources["status"] = new JsonObject();
        return subresources;
    }
}
