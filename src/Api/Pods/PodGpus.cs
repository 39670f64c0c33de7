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
    public static PodGpus Of(V1PodSpec? pod)
    {
        var name = ContainersOf(pod).Select(Resource).FirstOrDefault(resource => resource is not null);
        return name is null ? default : new PodGpus(name, Total(pod, name));
    }

    /// <summary>The GPU resources that its containers ask for.</summary>
    internal static IReadOnlyList<string> Kinds(V1PodSpec? pod) =>
        [.. ContainersOf(pod).SelectMany(Amounts).Where(amount => GpuResources.IsGpu(amount.Key) && amount.Value.Value() > 0).Select(amount => amount.Key).Distinct(StringComparer.Ordinal)];

    /// <summary>What the whole pod asks for of one resource.</summary>
    internal static long Total(V1PodSpec? pod, string name)
    {
        List<V1Container> containers = [.. (pod?.Containers ?? []).OfType<V1Container>()], init = [.. (pod?.InitContainers ?? []).OfType<V1Container>()];
        long sidecars = 0, largest = 0;
        foreach (var container in init)
        {
            var count = Amount(container, name);
            if (container.RestartPolicy == "Always")
                sidecars += count;
            else
                largest = Math.Max(largest, sidecars + count);
        }
        return Math.Max(largest, sidecars + containers.Sum(container => Amount(container, name)));
    }

    /// <summary>A list in a file may have nulls.</summary>
    internal static IEnumerable<V1Container> ContainersOf(V1PodSpec? pod) => (pod?.Containers ?? []).Concat(pod?.InitContainers ?? []).OfType<V1Container>();

    private static string? Resource(V1Container container) => Amounts(container)
        .Where(amount => GpuResources.IsGpu(amount.Key) && amount.Value.Value() > 0)
        .Select(amount => amount.Key)
        .FirstOrDefault();

    /// <summary>Requests and limits of an extended resource are equal; whichever is written counts. Bounded, so that a sum cannot overflow.</summary>
    private static long Amount(V1Container container, string name) => Amounts(container)
        .Where(amount => amount.Key == name)
        .Select(amount => Math.Clamp(amount.Value.Value(), 0, int.MaxValue))
        .DefaultIfEmpty()
        .Max();

    internal static IEnumerable<KeyValuePair<string, ResourceQuantity>> Amounts(V1Container container) =>
        (container.Resources?.Limits ?? new Dictionary<string, ResourceQuantity>()).Concat(container.Resources?.Requests ?? new Dictionary<string, ResourceQuantity>());
}
