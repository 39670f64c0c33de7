using System.Text.Json.Nodes;

namespace GpuMem.Kubernetes;

/// <summary>YAML or JSON files, as kubectl reads them.</summary>
public static class KubernetesYaml
{
    /// <summary>All documents, empty ones left out.</summary>
    public static IReadOnlyList<JsonNode> LoadAllFromString(string text) => throw new NotImplementedException();

    /// <summary>All documents as <typeparamref name="T"/>.</summary>
    public static IReadOnlyList<T> LoadAllFromString<T>(string text, KubernetesJson? json = null) => throw new NotImplementedException();
}
