using System.Globalization;
using GpuMem.Api.Nodes;
using GpuMem.Kubernetes.Models;
using k8s.Models;

namespace GpuMem.Api.Tests.NodeLabels;

/// <summary>What reach means, node by node, as one would say it: the specification that the index is held against.</summary>
internal static class PlainReach
{
    /// <summary>Names of the pools, with a mark where only a node yet to come would do.</summary>
    public static IEnumerable<string> Of(PoolInventory inventory, V1PodSpec pod)
    {
        foreach (var entry in inventory.Entries)
            if (entry.Nodes.Any(node => CanReach(pod, node)))
                yield return entry.Pool.Name;
            else if (MayGetNodes(entry) && CouldReachNewNode(pod, entry))
                yield return entry.Nodes.Count == 0 || entry.Source == MemorySource.Declared ? entry.Pool.Name : entry.Pool.Name + " by a new node";
    }

    private static bool MayGetNodes(PoolEntry entry) => entry.Pool.MayGrow || entry.Nodes.Count == 0 || entry.Pool.MaxNodes > entry.Pool.Nodes;

    private static bool CouldReachNewNode(V1PodSpec pod, PoolEntry entry) => string.IsNullOrEmpty(pod.NodeName)
        && Tolerates(pod, entry.Taints)
        && (pod.NodeSelector ?? new Dictionary<string, string>()).All(wanted => LabelOfNewNode(entry, wanted.Key) is not { } label || label == wanted.Value)
        && (Terms(pod) is not { Count: > 0 } terms || terms.Any(term =>
            (term.MatchExpressions ?? []).All(requirement => !entry.NodeSelector.TryGetValue(requirement.Key!, out var own) || Holds(requirement, own))
            && (term.MatchFields ?? []).All(requirement => requirement.Key != "metadata.name" || requirement.OperatorProperty != "In")));

    private static string? LabelOfNewNode(PoolEntry entry, string key)
    {
        if (entry.NodeSelector.TryGetValue(key, out var own))
            return own;
        if (entry.Nodes.Count == 0 || key.StartsWith("topology.kubernetes.io/", StringComparison.Ordinal) || key == "kubernetes.io/hostname")
            return null;
        var first = entry.Nodes[0].Labels[key];
        return entry.Nodes.All(node => node.Labels[key] == first) ? first ?? "" : null;
    }

    private static bool CanReach(V1PodSpec pod, GpuNode node) => pod.NodeName is { Length: > 0 } name
        ? node.Name == name
        : (pod.NodeSelector ?? new Dictionary<string, string>()).All(wanted => node.Labels[wanted.Key] == wanted.Value)
            && (Terms(pod) is not { Count: > 0 } terms || terms.Any(term =>
                (term.MatchExpressions ?? []).All(requirement => Holds(requirement, node.Labels[requirement.Key!]))
                && (term.MatchFields ?? []).All(requirement => requirement.Key != "metadata.name" || Holds(requirement, node.Name))))
            && Tolerates(pod, node.Taints);

    private static IList<V1NodeSelectorTerm>? Terms(V1PodSpec pod) => pod.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution?.NodeSelectorTerms;

    private static bool Holds(V1NodeSelectorRequirement requirement, string? value) => requirement.OperatorProperty switch
    {
        "In" => value is not null && (requirement.Values ?? []).Contains(value),
        "NotIn" => value is null || !(requirement.Values ?? []).Contains(value),
        "Exists" => value is not null,
        "DoesNotExist" => value is null,
        "Gt" => Number(value) is { } left && Number(requirement.Values?.FirstOrDefault()) is { } right && left > right,
        "Lt" => Number(value) is { } left && Number(requirement.Values?.FirstOrDefault()) is { } right && left < right,
        _ => true,
    };

    private static long? Number(string? text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static bool Tolerates(V1PodSpec pod, IEnumerable<NodeTaint> taints) => taints
        .Where(taint => taint.Effect is "NoSchedule" or "NoExecute")
        .Where(taint => !taint.Key!.StartsWith("node.kubernetes.io/", StringComparison.Ordinal) && !GpuResources.IsGpu(taint.Key))
        .All(taint => (pod.Tolerations ?? []).Any(toleration => (string.IsNullOrEmpty(toleration.Effect) || toleration.Effect == taint.Effect)
            && toleration.OperatorProperty switch
            {
                "Exists" => string.IsNullOrEmpty(toleration.Key) || toleration.Key == taint.Key,
                null or "" or "Equal" => toleration.Key == taint.Key && (toleration.Value ?? "") == (taint.Value ?? ""),
                _ => toleration.Key == taint.Key,
            }));
}
