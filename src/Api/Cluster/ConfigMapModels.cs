using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using GpuMem.Api.Pods;
using GpuMem.Api.TrainingJobs;
using GpuMem.Catalogues.Models;
using GpuMem.Estimation.Models;

namespace GpuMem.Api.Cluster;

/// <summary>
/// Models read from ConfigMaps ahead of the question. ConfigMaps are fetched one by one when a TrainingJob or ModelServer names them, never watched:
/// a cluster has thousands that are none of our business.
/// </summary>
public sealed class ConfigMapModels(IKubernetesClient client) : IConfigMapModels
{
    private readonly ConcurrentDictionary<(string Namespace, string Name, string Key), (ModelArchitecture? Model, string? Problem)> _read = new();

    public bool TryGet(string? ns, ConfigMapKeyReference reference, [NotNullWhen(true)] out ModelArchitecture? model, [NotNullWhen(false)] out string? problem)
    {
        (model, problem) = Key(ns, reference) is { } key && _read.TryGetValue(key, out var read)
            ? read
            : (null, $"ConfigMap '{reference.Name}' has not been read yet");
        problem ??= model is null ? "no model" : null;
        return model is not null;
    }

    /// <summary>Reads the ConfigMap that <paramref name="described"/> names, if it names one. A failure of the API server keeps what was read before.</summary>
    /// <exception cref="KubernetesException">The API server did not answer the question.</exception>
    public async Task RefreshAsync(IPodDescription described, CancellationToken cancellationToken)
    {
        if (described.Model?.ConfigMapKeyRef is { } reference && Key(described.Namespace(), reference) is { } key)
            _read[key] = Parse(await client.GetAsync<V1ConfigMap>(key.Name, key.Namespace, cancellationToken), key);
    }

    /// <summary>The same for all that name the same key of the same ConfigMap; null for one that names none.</summary>
    internal static string? NameOf(IPodDescription described) =>
        described.Model?.ConfigMapKeyRef is { } reference && Key(described.Namespace(), reference) is var (ns, name, key) ? $"{ns}/{name}/{key}" : null;

    /// <summary>For when nothing names it any more.</summary>
    internal void Forget(IPodDescription described)
    {
        if (described.Model?.ConfigMapKeyRef is { } reference && Key(described.Namespace(), reference) is { } key)
            _read.TryRemove(key, out _);
    }

    private static (ModelArchitecture?, string?) Parse(V1ConfigMap? map, (string Namespace, string Name, string Key) key)
    {
        if (map is null)
            return (null, $"there is no ConfigMap '{key.Name}' in namespace '{key.Namespace}'");
        if (map.Data is null || !map.Data.TryGetValue(key.Key, out var text))
            return (null, $"ConfigMap '{key.Name}' has no key '{key.Key}'; it has: {string.Join(", ", map.Data?.Keys.Order(StringComparer.Ordinal) ?? Enumerable.Empty<string>())}");
        try
        {
            return (HuggingFaceConfig.Parse(Encoding.UTF8.GetBytes(text), key.Name), null);
        }
        catch (ModelFormatException error)
        {
            return (null, $"ConfigMap '{key.Name}', key '{key.Key}': {error.Message}");
        }
    }

    private static (string Namespace, string Name, string Key)? Key(string? ns, ConfigMapKeyReference reference) =>
        ns is not null && reference is { Name: { Length: > 0 } name, Key: { Length: > 0 } key } ? (ns, name, key) : null;
}
