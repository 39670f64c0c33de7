using GpuMem.Api.Json;
using GpuMem.Api.ModelServers;
using GpuMem.Api.TrainingJobs;
using GpuMem.Catalogues.Models;
using GpuMem.Kubernetes.Crds;

namespace GpuMem.Page.Endpoints;

/// <summary><c>GET /api/v1/fields</c>: every field of a spec with its description, choices and bounds, from the schema by which a cluster checks it.</summary>
internal static class FieldsEndpoint
{
    private static readonly Lazy<JsonObject> Fields = new(() => new JsonObject
    {
        ["TrainingJob"] = Of(typeof(TrainingJob)),
        ["ModelServer"] = Of(typeof(ModelServer)),
        ["largestConfigBytes"] = HuggingFaceConfig.MaxBytes,
    });

    public static Endpoint Create() => new(
        "GET",
        $"{ApiEndpoints.Root}/fields",
        "Every field of a TrainingJob's and a ModelServer's spec: description, choices, bounds",
        Schema.Object(("TrainingJob", Kind()), ("ModelServer", Kind()), ("largestConfigBytes", Schema.Whole("The largest config.json that is read."))),
        _ => ValueTask.FromResult<JsonNode>(Fields.Value.DeepClone()));

    private static JsonObject Kind() => Schema.Map(Schema.Object(
        ("description", Schema.Text()),
        ("choices?", Schema.List(Schema.Text())),
        ("minimum?", Schema.Number()),
        ("maximum?", Schema.Number())));

    /// <summary>By path below <c>spec</c>. What is a manifest of its own, the pod template, is none of the page's.</summary>
    private static JsonObject Of(Type kind)
    {
        var schema = CrdWriter.Write(ApiJson.Resolver, kind)["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!.AsObject();
        var fields = new JsonObject();
        Add(fields, schema, "");
        return fields;
    }

    private static void Add(JsonObject fields, JsonObject schema, string path)
    {
        if (schema["properties"] is JsonObject properties)
            foreach (var (name, property) in properties)
                Add(fields, property!.AsObject(), path.Length == 0 ? name : $"{path}.{name}");
        else if (schema["description"] is { } description)
            fields[path] = Field(schema, description);
    }

    private static JsonObject Field(JsonObject schema, JsonNode description)
    {
        var field = new JsonObject { ["description"] = description.DeepClone() };
        if (schema["enum"] is { } choices)
            field["choices"] = choices.DeepClone();
        foreach (var bound in new[] { "minimum", "maximum" })
            if (schema[bound] is { } limit)
                field[bound] = limit.DeepClone();
        return field;
    }
}
