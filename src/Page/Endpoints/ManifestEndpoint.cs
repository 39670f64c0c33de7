using GpuMem.Page.Server;

namespace GpuMem.Page.Endpoints;

/// <summary><c>POST /api/v1/manifest</c>: reads a manifest back, as a file would be.</summary>
internal static class ManifestEndpoint
{
    public static Endpoint Create() => new(
        "POST",
        $"{ApiEndpoints.Root}/manifest",
        "Reads a TrainingJob or ModelServer, in JSON or as the text of a YAML file",
        Schema.Object(
            ("kind", Schema.OrNull(Schema.Text())),
            ("manifest", Schema.OrNull(Schema.Anything("The manifest, without status."))),
            ("yaml", Schema.OrNull(Schema.Text("The same as a file."))),
            ("problems", Problems())),
        async context => Answer((await RequestBody.ReadAsync(context))["manifest"]))
    {
        Body = Schema.Object(("manifest", Written())),
    };

    public static JsonObject Written() => new()
    {
        ["type"] = new JsonArray([(JsonNode)"object", (JsonNode)"string"]), ["description"] = "A TrainingJob, a ModelServer or an Inference file: an object, or the text of a YAML file.",
    };

    public static JsonObject Problems() => Schema.List(Schema.Object(
        ("path", Schema.Text("The field, below spec.")),
        ("message", Schema.Text("What is wrong with it, and what to do."))));

    public static JsonArray Json(IReadOnlyList<JobProblem> problems) =>
        new([.. problems.Select(JsonNode (problem) => new JsonObject { ["path"] = problem.Path, ["message"] = problem.Message })]);

    private static JsonObject Answer(JsonNode? written)
    {
        var manifest = WrittenManifest.Read(written, out var problems);
        return new JsonObject
        {
            ["kind"] = manifest?.Kind,
            ["manifest"] = manifest?.Json,
            ["yaml"] = manifest?.Yaml,
            ["problems"] = Json(problems),
        };
    }
}
