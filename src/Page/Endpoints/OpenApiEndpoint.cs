using GpuMem.Api;

namespace GpuMem.Page.Endpoints;

/// <summary><c>GET /api/v1/openapi.json</c>: the API, from the same table by which it is served.</summary>
internal static class OpenApiEndpoint
{
    public static Endpoint Create(IReadOnlyList<Endpoint> others) => new(
        "GET",
        $"{ApiEndpoints.Root}/openapi.json",
        "This description",
        Schema.Anything("An OpenAPI document."),
        _ => ValueTask.FromResult<JsonNode>(Document(others)));

    private static JsonObject Document(IReadOnlyList<Endpoint> endpoints) => new()
    {
        ["openapi"] = "3.1.0",
        ["info"] = new JsonObject
        {
            ["title"] = "GpuMem",
            ["version"] = ApiGroup.Version,
            ["description"] = "Whether a training job or a model server fits in a GPU's memory. Sizes are in bytes. Nothing is kept, and nothing is changed.",
        },
        ["paths"] = new JsonObject(endpoints.Select(endpoint => KeyValuePair.Create(
            endpoint.Path, (JsonNode?)new JsonObject { [endpoint.Method == "GET" ? "get" : "post"] = Operation(endpoint) }))),
        ["components"] = new JsonObject { ["schemas"] = new JsonObject { ["Error"] = Schema.Object(("error", Schema.Text("What is wrong, and what to do."))) } },
    };

    private static JsonObject Operation(Endpoint endpoint)
    {
        var operation = new JsonObject { ["summary"] = endpoint.Summary };
        if (endpoint.Query.Count > 0)
            operation["parameters"] = new JsonArray([.. endpoint.Query.Select(JsonNode (parameter) => new JsonObject
            {
                ["name"] = parameter.Name, ["in"] = "query", ["description"] = parameter.Description, ["schema"] = Schema.Text(),
            })]);
        if (endpoint.Body is { } body)
            operation["requestBody"] = new JsonObject { ["required"] = true, ["content"] = Json(body.DeepClone()) };
        operation["responses"] = new JsonObject
        {
            ["200"] = new JsonObject { ["description"] = "The answer.", ["content"] = Json(endpoint.Answer.DeepClone()) },
            ["4XX"] = new JsonObject
            {
                ["description"] = "The request cannot be answered.",
                ["content"] = Json(new JsonObject { ["$ref"] = "#/components/schemas/Error" }),
            },
        };
        return operation;
    }

    private static JsonObject Json(JsonNode schema) => new() { ["application/json"] = new JsonObject { ["schema"] = schema } };
}
