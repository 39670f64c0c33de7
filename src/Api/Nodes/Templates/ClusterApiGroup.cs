using System.Globalization;
using System.Text.Json.Nodes;
using GpuMem.Api.Json;

namespace GpuMem.Api.Nodes.Templates;

/// <summary>
/// Machines of Cluster API that the Cluster Autoscaler makes from none: it reads what they would be from annotations (kubernetes/autoscaler,
/// cluster-autoscaler/cloudprovider/clusterapi/README.md).
/// </summary>
internal static class ClusterApiGroup
{
    private const string Capacity = "capacity.cluster-autoscaler.kubernetes.io/";

    private const string MaxSize = "cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size";

    /// <summary>Null for machines that are not said to have GPUs.</summary>
    public static NodeTemplate? Read(JsonObject manifest)
    {
        var said = manifest.Texts("metadata", "annotations");
        if (manifest.Text("metadata", "name") is not { } name || Number(said, $"{Capacity}gpu-count") is not (> 0 and var gpus))
            return null;
        var labels = Pairs(said.GetValueOrDefault($"{Capacity}labels"));
        foreach (var (key, value) in manifest["spec"].Texts("template", "metadata", "labels"))
            if (IsPassedOn(key))
                labels.TryAdd(key, value);

        // Nodes that there are already speak for themselves; without a label nothing tells which of them are of this group.
        var most = Number(said, MaxSize);
        if (labels.Count == 0 && (manifest["status"] as JsonObject)?["replicas"] is JsonValue now && now.TryGetValue<long>(out var there))
            most -= there;
        return new NodeTemplate
        {
            Name = NodePoolName.AsName(name),
            Origin = $"{manifest.Text("kind")} {name}",
            Selector = labels,
            Taints = [.. (said.GetValueOrDefault($"{Capacity}taints") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Taint)],
            Nodes = [new TemplateNode(labels, said.GetValueOrDefault($"{Capacity}gpu-type") is { } resource && GpuResources.HasPool(resource) ? resource : GpuResources.Nvidia, (int)Math.Min(gpus, int.MaxValue))],
            MostNodes = most,
        };
    }

    /// <summary>Labels that Cluster API passes on from machines to nodes (cluster-api, "Metadata propagation").</summary>
    private static bool IsPassedOn(string key) =>
        key.StartsWith("node-role.kubernetes.io/", StringComparison.Ordinal)
        || (key.IndexOf('/') is > 0 and var slash && IsOrEndsWith(key[..slash], "node-restriction.kubernetes.io"))
        || (key.IndexOf('/') is > 0 and var end && IsOrEndsWith(key[..end], "node.cluster.x-k8s.io"));

    private static bool IsOrEndsWith(string domain, string parent) => domain == parent || domain.EndsWith($".{parent}", StringComparison.Ordinal);

    private static long? Number(Dictionary<string, string> said, string key) =>
        said.TryGetValue(key, out var text) && long.TryParse(text, CultureInfo.InvariantCulture, out var number) && number >= 0 ? number : null;

    /// <summary><c>key=value,other=value</c>.</summary>
    private static Dictionary<string, string> Pairs(string? text) => (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(pair => pair.Split('=', 2))
        .Where(pair => pair is [{ Length: > 0 }, _])
        .GroupBy(pair => pair[0], StringComparer.Ordinal)
        .ToDictionary(same => same.Key, same => same.Last()[1], StringComparer.Ordinal);

    /// <summary><c>key=value:NoSchedule</c>.</summary>
    private static NodeTaint Taint(string text)
    {
        var (taint, effect) = text.Trim().Split(':', 2) is [var before, var after] ? (before, after) : (text.Trim(), "NoSchedule");
        return taint.Split('=', 2) is [var key, var value] ? new NodeTaint(key, value, effect) : new NodeTaint(taint, null, effect);
    }
}
