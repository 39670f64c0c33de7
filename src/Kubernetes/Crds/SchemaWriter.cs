namespace GpuMem.Kubernetes.Crds;

/// <summary>
/// Writes the structural OpenAPI schema of a C# type. Never writes a keyword at its default value: the API server drops those, and GitOps
/// tools then see a difference for ever (dotnet/dotnet-operator-sdk#818).
/// </summary>
/// <remarks>
/// Types are seen through their JSON contract and not by reflection: what the serializer reads and what the schema allows cannot differ, and a
/// native binary still has every field.
/// </remarks>
internal sealed class SchemaWriter(IJsonTypeInfoResolver json)
{
    private readonly JsonSerializerOptions _options = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, TypeInfoResolver = json };

    public JsonObject Object(Type type)
    {
        var schema = new JsonObject();
        if (type.GetCustomAttribute<DescriptionAttribute>() is { } description)
            schema["description"] = description.Description;
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var property in Properties(type))
        {
            properties[property.Name] = Property(property);
            if (Member(property).IsDefined(typeof(RequiredAttribute)))
                required.Add((JsonNode)property.Name);
        }
        schema["properties"] = properties;
        if (required.Count > 0)
            schema["required"] = required;
        schema["type"] = "object";
        if (type.IsDefined(typeof(XMapTypeAtomicAttribute)))
            schema["x-kubernetes-map-type"] = "atomic";
        SchemaKeywords.AddRules(schema, type);
        return schema;
    }

    public IEnumerable<JsonPropertyInfo> Properties(Type type) => _options.GetTypeInfo(type).Properties
        .Where(property => property.Set is not null)
        .OrderBy(property => property.Name, StringComparer.Ordinal);

    public JsonObject Property(JsonPropertyInfo property)
    {
        var schema = property.CustomConverter is IValueSchema converter
            ? converter.Schema()
            : OfType(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType, Member(property));
        SchemaKeywords.Add(schema, Member(property));
        return schema;
    }

    /// <summary>The C# property, for its attributes.</summary>
    public static MemberInfo Member(JsonPropertyInfo property) => property.AttributeProvider as MemberInfo
        ?? throw new InvalidOperationException($"the JSON contract of {property.DeclaringType.Name} does not say which property {property.Name} is");

    public static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(value => (JsonNode)value)]);

    private JsonObject OfType(Type type, MemberInfo property)
    {
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
        var contract = _options.GetTypeInfo(type);
        return contract.Kind switch
        {
            JsonTypeInfoKind.Dictionary => Map(property),
            JsonTypeInfoKind.Enumerable => List(contract.ElementType!, property),
            _ => Object(type),
        };
    }

    private static JsonObject IntOrStringSchema() => new()
    {
        ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "integer" }, new JsonObject { ["type"] = "string" }),
        ["x-kubernetes-int-or-string"] = true,
    };

    private static JsonObject Map(MemberInfo property)
    {
        var bounds = Bounds(property);
        var schema = new JsonObject { ["additionalProperties"] = new JsonObject { ["maxLength"] = bounds.MaxLength, ["type"] = "string" } };
        SchemaKeywords.AddBounds(schema, bounds.MinItems, bounds.MaxItems, "Properties");
        schema["type"] = "object";
        return schema;
    }

    private JsonObject List(Type item, MemberInfo property)
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

    private static ItemsAttribute Bounds(MemberInfo property) => property.GetCustomAttribute<ItemsAttribute>() is { MaxItems: < long.MaxValue } bounds
        ? bounds
        : throw new InvalidOperationException($"{property.DeclaringType?.Name}.{property.Name} has no [Items(maxItems: ...)]: lists and maps must be bounded");
}
