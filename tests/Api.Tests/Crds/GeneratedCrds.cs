using System.Text.Json.Nodes;
using GpuMem.Api.GpuPools;
using GpuMem.Api.Json;
using GpuMem.Api.ModelServers;
using GpuMem.Api.TrainingJobs;
using GpuMem.Kubernetes;
using GpuMem.Kubernetes.Crds;
using GpuMem.TestKit;

namespace GpuMem.Api.Tests.Crds;

/// <summary>The CRDs as they are written now, and their schemas field by field.</summary>
internal static class GeneratedCrds
{
    public static IReadOnlyList<JsonObject> All { get; } = [Of(typeof(TrainingJob)), Of(typeof(ModelServer)), Of(typeof(GpuPool))];

    public static IReadOnlyList<(string Path, JsonObject Schema)> Fields { get; } =
        [.. All.SelectMany(crd => Walk((string)crd["spec"]!["names"]!["kind"]!, Schema(crd)))];

    public static JsonObject Of(Type entity) => CrdWriter.Write(ApiJson.Resolver, entity);

    public static JsonObject Schema(JsonObject crd) => crd["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!.AsObject();

    public static JsonObject OfKind(string kind) => All.Single(crd => (string?)crd["spec"]!["names"]!["kind"] == kind);

    /// <summary>All documents of a file of the repository.</summary>
    public static IEnumerable<JsonObject> Read(string path) =>
        KubernetesYaml.LoadAllFromString(File.ReadAllText(Path.Combine(RepositoryRoot.Path, path))).Select(document => document.AsObject());

    private static IEnumerable<(string, JsonObject)> Walk(string path, JsonObject schema)
    {
        yield return (path, schema);
        foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
            foreach (var inner in Walk($"{path}.{name}", property!.AsObject()))
                yield return inner;
        foreach (var keyword in new[] { "items", "additionalProperties" })
            if (schema[keyword] is JsonObject item)
                foreach (var inner in Walk($"{path}[]", item))
                    yield return inner;
    }
}
