using System.Globalization;

namespace GpuMem.Api.Nodes;

/// <summary>Required node affinity, as the scheduler reads it: terms are alternatives, the requirements of a term must all hold.</summary>
internal static class NodeAffinity
{
    private const string Name = "metadata.name";

    public static V1NodeSelector? Required(V1PodSpec pod) => pod.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution;

    /// <summary>Those of a pool's nodes that it allows.</summary>
    public static Found Allowed(V1NodeSelector? selector, NodeIndex nodes)
    {
        if (selector?.NodeSelectorTerms is not { Count: > 0 } terms)
            return Found.All;
        var allowed = Found.None;
        foreach (var term in terms)
        {
            allowed = allowed.Or(Allowed(term, nodes));
            if (allowed is { IsNone: false, Nodes: null })
                break;
        }
        return allowed;
    }

    private static Found Allowed(V1NodeSelectorTerm term, NodeIndex nodes)
    {
        var allowed = Found.All;
        foreach (var requirement in term.MatchExpressions ?? [])
        {
            allowed = allowed.And(Meeting(requirement, nodes));
            if (allowed.IsNone)
                return allowed;
        }
        foreach (var requirement in term.MatchFields ?? [])
            if (requirement.Key == Name)
                allowed = allowed.And(Found.Some(nodes.Names.For(requirement)));
        return allowed;
    }

    private static Found Meeting(V1NodeSelectorRequirement requirement, NodeIndex nodes)
    {
        var key = requirement.Key ?? "";
        if (nodes.Agrees(key, out var all))
            return Found.Of(Holds(requirement, all));
        return Found.Some(nodes.File(key)?.For(requirement) ?? nodes.Where(node => Holds(requirement, node.Labels[key])));
    }

    /// <summary>
    /// Whether a node that does not exist yet could be asked for. It has the pool's own labels; of others nothing is known, but that its name
    /// cannot be known in advance.
    /// </summary>
    public static bool CouldAllowNewNode(V1NodeSelector? selector, IReadOnlyDictionary<string, string> own) =>
        selector?.NodeSelectorTerms is not { Count: > 0 } terms || terms.Any(term =>
            (term.MatchExpressions ?? []).All(requirement => !own.TryGetValue(requirement.Key ?? "", out var value) || Holds(requirement, value))
            && (term.MatchFields ?? []).All(requirement => requirement.Key != Name || requirement.OperatorProperty != "In"));

    public static bool Holds(V1NodeSelectorRequirement requirement, string? value) => requirement.OperatorProperty switch
    {
        "In" => value is not null && (requirement.Values ?? []).Contains(value),
        "NotIn" => value is null || !(requirement.Values ?? []).Contains(value),
        "Exists" => value is not null,
        "DoesNotExist" => value is null,
        "Gt" => Compare(value, requirement) > 0,
        "Lt" => Compare(value, requirement) < 0,
        // An operator of a later Kubernetes: do not claim that the pod cannot get there.
        _ => true,
    };

    private static int Compare(string? value, V1NodeSelectorRequirement requirement) =>
        long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var left)
        && long.TryParse(requirement.Values?.FirstOrDefault(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var right)
            ? left.CompareTo(right)
            : 0;
}
