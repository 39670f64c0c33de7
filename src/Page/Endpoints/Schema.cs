namespace GpuMem.Page.Endpoints;

/// <summary>JSON Schema as OpenAPI 3.1 has it; a new object at each call, for a JSON object stands in one place only.</summary>
internal static class Schema
{
    public static JsonObject Text(string? description = null) => Of("string", description);

    public static JsonObject Whole(string? description = null) => Of("integer", description);

    public static JsonObject Number(string? description = null) => Of("number", description);

    public static JsonObject YesOrNo(string? description = null) => Of("boolean", description);

    /// <summary>A name of an enum.</summary>
    public static JsonObject Name<T>()
        where T : struct, Enum => new() { ["type"] = "string", ["enum"] = new JsonArray([.. Enum.GetNames<T>().Select(name => (JsonNode)name)]) };

    public static JsonObject List(JsonObject item) => new() { ["type"] = "array", ["items"] = item };

    /// <summary>Fields by names that are not fixed.</summary>
    public static JsonObject Map(JsonObject value) => new() { ["type"] = "object", ["additionalProperties"] = value };

    /// <summary>An object of which nothing is said here, such as a manifest.</summary>
    public static JsonObject Anything(string description) => Of("object", description);

    /// <summary>Null where there is none.</summary>
    public static JsonObject OrNull(JsonObject schema)
    {
        schema["type"] = new JsonArray([schema["type"]!.DeepClone(), (JsonNode)"null"]);
        return schema;
    }

    /// <summary>An object with these fields and no other; those whose name ends in <c>?</c> may be left out.</summary>
    public static JsonObject Object(params IReadOnlyList<(string Name, JsonObject Schema)> fields) => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject(fields.Select(field => KeyValuePair.Create(field.Name.TrimEnd('?'), (JsonNode?)field.Schema))),
        ["required"] = new JsonArray([.. fields.Where(field => !field.Name.EndsWith('?')).Select(field => (JsonNode)field.Name)]),
        ["additionalProperties"] = false,
    };

    private static JsonObject Of(string type, string? description)
    {
        var schema = new JsonObject { ["type"] = type };
        if (description is not null)
            schema["description"] = description;
        return schema;
    }
}
