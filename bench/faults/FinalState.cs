using System.Text.Json.Nodes;

namespace GpuMem.Bench.Faults;

/// <summary>TrainingJobs and what was made for them, and the GpuPools, without identities and times.</summary>
internal sealed class FinalState
{
    private static readonly HashSet<string> Identities =
    [
        "uid", "resourceVersion", "managedFields", "selfLink", "generation", "clusterIP", "clusterIPs",
        "controller-uid", "batch.kubernetes.io/controller-uid", "kubectl.kubernetes.io/last-applied-configuration",
    ];

    private readonly SortedDictionary<string, string> _objects = new(StringComparer.Ordinal);

    public int Children { get; private set; }

    /// <summary>Children that no TrainingJob owns.</summary>
    public int Orphans { get; private set; }

    public static async Task<FinalState> OfAsync(Cluster cluster, string ns)
    {
        var state = new FinalState();
        var list = JsonNode.Parse(await cluster.KubectlAsync("get", "gtj,jobs,services,gpupools", "-n", ns, "-o", "json"))!;
        foreach (var item in list["items"]!.AsArray())
        {
            var (kind, name) = ((string)item!["kind"]!, (string)item["metadata"]!["name"]!);
            if (kind is "Job" or "Service")
            {
                state.Children++;
                state.Orphans += (string?)item["metadata"]!["ownerReferences"]?[0]?["name"] is null ? 1 : 0;
            }
            Strip(item);
            state._objects[$"{kind}/{name}"] = item.ToJsonString().Replace(ns, "NAMESPACE", StringComparison.Ordinal);
        }
        return state;
    }

    public IReadOnlyList<string> DifferencesFrom(FinalState other) =>
    [
        .. _objects.Keys.Union(other._objects.Keys)
            .Select(key => (Key: key, Ours: _objects.GetValueOrDefault(key), Theirs: other._objects.GetValueOrDefault(key)))
            .Where(pair => pair.Ours != pair.Theirs)
            .Select(pair => $"{pair.Key}: {pair.Ours} against {pair.Theirs}"),
    ];

    private static void Strip(JsonNode? node)
    {
        if (node is JsonArray array)
        {
            foreach (var item in array)
                Strip(item);
        }
        if (node is not JsonObject json)
            return;
        foreach (var (key, value) in json.ToArray())
        {
            if (Identities.Contains(key) || key.EndsWith("Time", StringComparison.Ordinal) || key.EndsWith("Timestamp", StringComparison.Ordinal))
                json.Remove(key);
            else
                Strip(value);
        }
    }
}
