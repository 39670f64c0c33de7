namespace GpuMem.Kubernetes.Crds;

/// <summary>The columns of <c>kubectl get</c>: those of marked properties first, then those named on the entity.</summary>
internal static class PrinterColumns
{
    public static JsonArray Of(SchemaWriter schemas, Type entity) => new([
        .. OfProperties(schemas, entity, ""),
        .. entity.GetCustomAttributes<GenericAdditionalPrinterColumnAttribute>()
            .Select(column => Column(column.Description, column.JsonPath, column.Name, column.Priority, column.Type)),
    ]);

    private static IEnumerable<JsonNode> OfProperties(SchemaWriter schemas, Type type, string path)
    {
        foreach (var property in schemas.Properties(type))
        {
            var name = property.Name;
            var schema = schemas.Property(property);
            if (SchemaWriter.Member(property).GetCustomAttribute<AdditionalPrinterColumnAttribute>() is { } column)
                yield return Column((string?)schema["description"], $"{path}.{name}", column.Name ?? name, column.Priority, ColumnType(schema));
            if (schema.ContainsKey("properties"))
                foreach (var inner in OfProperties(schemas, property.PropertyType, $"{path}.{name}"))
                    yield return inner;
        }
    }

    private static string ColumnType(JsonObject schema) => (string?)schema["format"] == "date-time" ? "date" : (string?)schema["type"] ?? "string";

    private static JsonObject Column(string? description, string jsonPath, string name, PrinterColumnPriority priority, string type)
    {
        var column = new JsonObject();
        if (description is not null)
            column["description"] = description;
        column["jsonPath"] = jsonPath;
        column["name"] = name;
        if (priority != PrinterColumnPriority.StandardView)
            column["priority"] = (int)priority;
        column["type"] = type;
        return column;
    }
}
