using GpuMem.Api.Nodes;

namespace GpuMem.Api.Pods;

/// <summary>The GPUs that a pod asks for: the resource, and how many.</summary>
/// <param name="ResourceName">The extended resource; null when the pod asks for none.</param>
/// <param name="Count">GPUs of the whole pod.</param>
public readonly record struct PodGpus(string? ResourceName, long Count)
{
    /// <summary>
    /// Containers and sidecars run together, so they add up; each ordinary init container runs alone, so only the largest counts, beside the
    /// sidecars started before it (KEP-753).
    /// </summary>
    public static PodGpus Of(V1PodSpec? pod) => (Resource(pod?.Containers) ?? Resource(pod?.InitContainers)) is { } name ? new PodGpus(name, Total(pod, name)) : default;

    /// <summary>What the whole pod asks for of one resource.</summary>
    internal static long Total(V1PodSpec? pod, string name)
    {
        long sidecars = 0, largest = 0, together = 0;
        foreach (var container in pod?.InitContainers ?? [])
        {
            var count = Amount(container, name);
            if (container?.RestartPolicy == "Always")
                sidecars += count;
            else
                largest = Math.Max(largest, sidecars + count);
        }
        foreach (var container in pod?.Containers ?? [])
            together += Amount(container, name);
        return Math.Max(largest, sidecars + together);
    }

    /// <summary>A list in a file may have nulls.</summary>
    internal static IEnumerable<V1Container> ContainersOf(V1PodSpec? pod) => (pod?.Containers ?? []).Concat(pod?.InitContainers ?? []).OfType<V1Container>();

    // Asked several times in each review, so without iterators.
    private static string? Resource(IList<V1Container>? containers)
    {
        foreach (var container in containers ?? [])
            if ((Resource(container?.Resources?.Limits) ?? Resource(container?.Resources?.Requests)) is { } name)
                return name;
        return null;
    }

    private static string? Resource(IDictionary<string, ResourceQuantity>? amounts)
    {
        if (amounts is not null)
            foreach (var (name, amount) in amounts)
                if (GpuResources.IsGpu(name) && amount.Value() > 0)
                    return name;
        return null;
    }

    /// <summary>Requests and limits of an extended resource are equal; whichever is written counts. Bounded, so that a sum cannot overflow.</summary>
    private static long Amount(V1Container? container, string name) => Math.Max(Amount(container?.Resources?.Limits, name), Amount(container?.Resources?.Requests, name));

    private static long Amount(IDictionary<string, ResourceQuantity>? amounts, string name) =>
        amounts is not null && amounts.TryGetValue(name, out var amount) ? Math.Clamp(amount.Value(), 0, int.MaxValue) : 0;

    /// <summary>
    /// All extended resources that its containers ask for, limits and requests: each has a domain in its name. A list, for it is gone through several
    /// times in each review.
    /// </summary>
    internal static List<KeyValuePair<string, ResourceQuantity>> Amounts(V1PodSpec? pod)
    {
        var amounts = new List<KeyValuePair<string, ResourceQuantity>>(4);
        AddOf(pod?.Containers);
        AddOf(pod?.InitContainers);
        return amounts;

        void AddOf(IList<V1Container>? containers)
        {
            for (var at = 0; at < containers?.Count; at++)
            {
                Add(containers[at]?.Resources?.Limits);
                Add(containers[at]?.Resources?.Requests);
            }
        }

        void Add(IDictionary<string, ResourceQuantity>? written)
        {
            if (written is null)
                return;
            foreach (var amount in written)
                if (amount.Key.Contains('/', StringComparison.Ordinal))
                    amounts.Add(amount);
        }
    }
}
