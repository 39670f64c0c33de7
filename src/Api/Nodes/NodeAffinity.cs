using System.Globalization;

namespace GpuMem.Api.Nodes;

/// <summary>Required node affinity, as the scheduler reads it: terms are alternatives, the requirements of a term must all hold.</summary>
internal static class NodeAffinity
{
    public static bool Allows(V1NodeSelector? selector, GpuNode node) =>
        selector?.NodeSelectorTerms is not { Count: > 0 } terms || terms.Any(term => Allows(term, node));

    /// <summary>
    /// Whether a node that does not exist yet could be asked for. It has the pool's own labels; of others nothing is known, but that its name
    /// cannot be known in advance.
    /// </summary>
    public static bool CouldAllowNewNode(V1NodeSelector? selector, IReadOnlyDictionary<string, string> own) =>
        selector?.NodeSelectorTerms is not { Count: > 0 } terms || terms.Any(term =>
            (term.MatchExpressions ?? []).All(requirement => !own.TryGetValue(requirement.Key ?? "", out var value) || Holds(requirement, value))
            && (term.MatchFields ?? []).All(requirement => requirement.Key != "metadata.name" || requirement.OperatorProperty != "In"));

    private static bool Allows(V1NodeSelectorTerm term, GpuNode node) =>
        (term.MatchExpressions ?? []).All(requirement => Holds(requirement, node.Labels[requirement.Key ?? ""]))
        && (term.MatchFields ?? []).All(requirement => requirement.Key != "metadata.name" || Holds(requirement, node.Name));

    private static bool Holds(V1NodeSelectorRequirement requirement, string? value) => requirement.OperatorProperty switch
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
