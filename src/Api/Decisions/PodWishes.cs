using System.Globalization;
using System.Text;
using GpuMem.Api.Pods;

namespace GpuMem.Api.Decisions;

/// <summary>All that a pod says that can change a decision about it, as text: two pods of the same text get the same answer.</summary>
internal static class PodWishes
{
    /// <summary>A pod that says more is decided anew each time: no pod of ten thousand labels is to fill the memory of decisions.</summary>
    private const int Most = 4096;

    /// <summary>Null for a pod that says too much to remember.</summary>
    public static string? Of(V1PodSpec pod)
    {
        // Counted first: writing out what is then thrown away would cost as much as deciding.
        if ((pod.NodeSelector?.Count ?? 0) + (pod.Tolerations?.Count ?? 0) + (pod.ResourceClaims?.Count ?? 0) > Most / 16)
            return null;
        var text = new StringBuilder(256);
        var gpus = PodGpus.Of(pod);
        Say(text, gpus.ResourceName);
        Say(text, gpus.Count.ToString(CultureInfo.InvariantCulture));
        var device = UnknownDevice.Of(pod);
        Say(text, device?.Name);
        Say(text, device?.Count?.ToString(CultureInfo.InvariantCulture));
        foreach (var claim in pod.ResourceClaims ?? [])
        {
            Say(text, claim?.ResourceClaimTemplateName);
            Say(text, claim?.ResourceClaimName);
        }
        text.Append(';');
        Say(text, pod.NodeName);
        foreach (var (key, value) in pod.NodeSelector is { Count: > 0 } labels ? labels.OrderBy(label => label.Key, StringComparer.Ordinal) : NoLabels)
        {
            Say(text, key);
            Say(text, value);
        }
        text.Append(';');
        foreach (var term in Nodes.NodeAffinity.Required(pod)?.NodeSelectorTerms ?? [])
        {
            text.Append('|');
            Say(text, term?.MatchExpressions);
            Say(text, term?.MatchFields);
        }
        text.Append(';');
        foreach (var toleration in pod.Tolerations ?? [])
        {
            Say(text, toleration?.Key);
            Say(text, toleration?.OperatorProperty);
            Say(text, toleration?.Value);
            Say(text, toleration?.Effect);
        }
        return text.Length > Most ? null : text.ToString();
    }

    private static readonly IEnumerable<KeyValuePair<string, string>> NoLabels = [];

    private static void Say(StringBuilder text, IList<V1NodeSelectorRequirement>? requirements)
    {
        foreach (var requirement in requirements ?? [])
        {
            if (text.Length > Most)
                return;
            Say(text, requirement.Key);
            Say(text, requirement.OperatorProperty);
            foreach (var value in requirement.Values ?? [])
                Say(text, value);
            text.Append(',');
        }
        text.Append('&');
    }

    /// <summary>With its length, so that no text can be taken for two.</summary>
    private static void Say(StringBuilder text, string? word)
    {
        if (word is null)
            text.Append('-');
        else if (text.Length <= Most)
            text.Append(word.Length).Append(':').Append(word);
    }
}
