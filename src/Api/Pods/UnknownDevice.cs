using GpuMem.Api.Nodes;
using GpuMem.Api.Nodes.Claims;
using GpuMem.Planning;

namespace GpuMem.Api.Pods;

/// <summary>What a pod asks for that nobody here knows the memory of: another vendor's accelerator, a part of a GPU, a claim.</summary>
/// <param name="Name">The resource, or <c>resourceClaims</c>.</param>
/// <param name="Count">Devices of the whole pod; null when the amount does not tell.</param>
public sealed record UnknownDevice(string Name, int? Count)
{
    /// <summary>No node has more; a larger amount is one of memory or cores.</summary>
    private const int MostDevices = 16;

    internal const string Claims = "resourceClaims";

    /// <summary>It asks by a claim, which says elsewhere for what.</summary>
    public bool IsClaim => Name == Claims;

    /// <summary>Why it cannot be told what is claimed; null where nobody looked.</summary>
    public string? Why { get; init; }

    /// <summary>What planning holds such a pod against: as many of these devices as may be asked for, of a memory that nobody knows.</summary>
    /// <param name="gpusPerNode">GPUs of one pod, where the devices are not counted.</param>
    public Pool AsPool(int? gpusPerNode) => new()
    {
        Name = Name,
        Product = Name,
        ResourceName = Name,
        UsableMemory = null,
        GpusPerNode = Count ?? gpusPerNode ?? 1,
        Nodes = 0,
        MaxNodes = 100_000,
        Unknown = IsClaim ? (Why is null ? "the memory of the devices that it claims is not known" : $"what it claims is not known: {Why}") : $"the memory of {Name} is not known",
    };

    /// <summary>Null when it asks for nothing, or for GPUs whose kind is known.</summary>
    public static UnknownDevice? Of(V1PodSpec? pod)
    {
        var known = PodGpus.Of(pod);
        var amounts = PodGpus.Amounts(pod);
        // Two kinds of GPU in one pod: nobody here knows on which of them the job runs.
        if (amounts.Exists(amount => amount.Key != known.ResourceName && IsAsked(amount, GpuResources.IsGpu)))
            return new UnknownDevice(string.Join(" or ", amounts.Where(amount => IsAsked(amount, GpuResources.IsGpu)).Select(amount => amount.Key).Distinct(StringComparer.Ordinal)), null);
        var unknown = amounts.FindAll(amount => IsAsked(amount, resource => !GpuShare.IsPart(resource) && GpuResources.IsUnknownGpu(resource, besideKnown: known.Count > 0)));
        // Of several the one that counts devices, for another may count their memory or cores.
        var counted = unknown.FindIndex(amount => amount.Value.Value() <= MostDevices);
        if ((unknown.Count > 0 ? unknown[Math.Max(0, counted)].Key : pod?.ResourceClaims is { Count: > 0 } ? Claims : null) is not { } name)
            return null;
        var count = known.Count > 0 ? known.Count : PodGpus.Total(pod, name);
        return new UnknownDevice(name, known.Count > 0 || count is > 0 and <= MostDevices ? (int)Math.Min(count, int.MaxValue) : null);
    }

    private static bool IsAsked(KeyValuePair<string, ResourceQuantity> amount, Predicate<string> kind) => kind(amount.Key) && amount.Value.Value() > 0;
}
