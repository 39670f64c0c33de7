using System.Text.Json;
using GpuMem.Api;
using GpuMem.Api.Json;
using GpuMem.Api.ModelServers;
using GpuMem.Api.Serving;
using GpuMem.Api.TrainingJobs;

namespace GpuMem.Page.Endpoints;

/// <summary>A TrainingJob or a ModelServer as somebody wrote it, in JSON or YAML; one of the two.</summary>
/// <param name="Json">The same as one would write it: without status, and without what a cluster adds to metadata.</param>
/// <param name="Job">A TrainingJob, or null.</param>
/// <param name="Server">A ModelServer, or null.</param>
internal sealed record WrittenManifest(JsonObject Json, TrainingJob? Job, ModelServer? Server)
{
    private static readonly string[] KeptMetadata = ["name", "namespace", "labels", "annotations"];

    /// <summary>What <c>kubectl apply</c> writes for itself.</summary>
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    public string Kind => Job is null ? nameof(ModelServer) : nameof(TrainingJob);

    /// <summary>As a file that <c>gpumem estimate -f</c> and <c>kubectl apply -f</c> take.</summary>
    public string Yaml => YamlWriter.Write(Json);

    /// <param name="written">An object, or the text of a file.</param>
    /// <param name="problems">Why it cannot be read, with the path below <c>spec</c>.</param>
    /// <returns>Null when <paramref name="problems"/> has entries.</returns>
    public static WrittenManifest? Read(JsonNode? written, out IReadOnlyList<JobProblem> problems)
    {
        problems = [];
        try
        {
            return Object(written) switch
            {
                { } manifest when manifest["kind"]?.ToString() is nameof(TrainingJob) => OfJob(Normal(manifest, nameof(TrainingJob)), out problems),
                { } manifest when manifest["kind"]?.ToString() is nameof(ModelServer) or InferenceManifest.KindName => OfServer(Normal(manifest, nameof(ModelServer)), out problems),
                var other => throw new FormatException($"kind '{other["kind"]}' is neither TrainingJob nor ModelServer"),
            };
        }
        catch (JsonException error)
        {
            var problem = JsonProblem.Of(error);
            problems = [problem with { Path = BelowSpec(problem.Path) }];
        }
        catch (FormatException error)
        {
            problems = [new JobProblem("manifest", error.Message)];
        }
        return null;
    }

    private static WrittenManifest? OfJob(JsonObject manifest, out IReadOnlyList<JobProblem> problems)
    {
        var job = ManifestObject.Whole<TrainingJob>(manifest, "spec", out var unknown);
        problems = Unknown(unknown);
        return unknown is null ? new WrittenManifest(manifest, job, Server: null) : null;
    }

    private static WrittenManifest? OfServer(JsonObject manifest, out IReadOnlyList<JobProblem> problems)
    {
        var server = ManifestObject.Whole<ModelServer>(manifest, "spec", out var unknown);
        problems = Unknown(unknown);
        return unknown is null ? new WrittenManifest(manifest, Job: null, server) : null;
    }

    private static IReadOnlyList<JobProblem> Unknown(string? path) => path is null ? [] : [new JobProblem(BelowSpec(path), "no such field; remove it or correct its name")];

    private static string BelowSpec(string path) => path.StartsWith("spec.", StringComparison.Ordinal) ? path["spec.".Length..] : path;

    private static JsonObject Object(JsonNode? written)
    {
        if (written is JsonObject manifest)
            return manifest;
        if (written is not JsonValue value || !value.TryGetValue<string>(out var text))
            throw new FormatException("give a TrainingJob or a ModelServer, as an object or as the text of a file");
        List<JsonObject> documents = [.. KubernetesYaml.LoadAllFromString(text).OfType<JsonObject>().Where(document => document["kind"]?.ToString() is nameof(TrainingJob) or nameof(ModelServer) or InferenceManifest.KindName)];
        return documents is [var only] ? only : throw new FormatException(documents.Count == 0
            ? "there is no TrainingJob and no ModelServer in it; a manifest begins with apiVersion and kind"
            : $"there are {documents.Count} TrainingJobs and ModelServers in it; give one");
    }

    private static JsonObject Normal(JsonObject manifest, string kind)
    {
        var normal = new JsonObject { ["apiVersion"] = $"{ApiGroup.Name}/{ApiGroup.Version}", ["kind"] = kind };
        if (manifest["metadata"] is JsonObject metadata)
            normal["metadata"] = Normal(metadata);
        normal["spec"] = WithoutNulls(manifest["spec"]) ?? new JsonObject();
        return normal;
    }

    private static JsonObject Normal(JsonObject metadata)
    {
        var normal = new JsonObject();
        foreach (var name in KeptMetadata)
            if (WithoutNulls(metadata[name]) is { } value)
                normal[name] = value;
        if (normal["annotations"] is JsonObject annotations)
        {
            annotations.Remove(LastApplied);
            if (annotations.Count == 0)
                normal.Remove("annotations");
        }
        return normal;
    }

    private static JsonNode? WithoutNulls(JsonNode? node) => node is not JsonObject fields
        ? node?.DeepClone()
        : new JsonObject(fields.Where(field => field.Value is not null).Select(field => KeyValuePair.Create(field.Key, WithoutNulls(field.Value))));
}
