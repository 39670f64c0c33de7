using GpuMem.Api.Nodes.Slices;
using GpuMem.Planning;

namespace GpuMem.Api.Nodes.Claims;

/// <summary>The GPUs that a pod asks for by its claims.</summary>
public sealed record ClaimedDevices
{
    /// <summary>It claims no GPU: a network device, say.</summary>
    internal static readonly ClaimedDevices None = new() { Choices = [], Count = 0 };

    /// <summary>Any of them will do.</summary>
    public required IReadOnlyList<DeviceChoice> Choices { get; init; }

    /// <summary>GPUs of the whole pod; null where that is not known.</summary>
    public required long? Count { get; init; }

    /// <summary>Why nobody here knows what they are; null when that is known.</summary>
    public string? Unknown { get; init; }

    internal static ClaimedDevices NotKnown(string why) => new() { Choices = [], Count = null, Unknown = why };

    /// <summary>
    /// The pools with devices that it may take. Where a plugin offers the GPUs of nodes there is none to claim, and new nodes will be like these; a pool that has
    /// no node yet may get them with a driver.
    /// </summary>
    internal PoolInventory On(PoolInventory inventory, V1PodSpec? pod)
    {
        var reached = PoolReach.OfClaims(inventory, pod, entry => entry.IsClaimed
            ? entry.Takable.Any(device => Choices.Any(choice => choice.MayTake(device.Facts)))
            : entry.Nodes.Count == 0 && Drivers.Any(driver => ResourceSlices.ExtendedResource(driver) == entry.Pool.ResourceName));
        return new PoolInventory([.. reached.Entries.Select(entry => entry.IsClaimed ? entry with { Pool = Taken(entry) } : entry)]);
    }

    /// <summary>The pool as it is for who claims so: of all that it may get there, the least counts.</summary>
    private Pool Taken(PoolEntry entry)
    {
        var takable = entry.Takable;
        List<DeviceCut> taken = [.. takable.SelectMany(device => Choices.Where(choice => choice.MayTake(device.Facts)).Select(choice => choice.Of(device))).Distinct()];
        return taken is [{ } only] && only == takable[0] ? entry.Pool : entry.Pool with
        {
            Product = taken.Count == 1 ? taken[0].Product : entry.Pool.Product,
            UsableMemory = taken.Exists(device => device.Usable is null) ? null : taken.Min(device => device.Usable),
            LargestMemory = taken.Exists(device => (device.Most ?? device.Usable) is null) ? null : taken.Max(device => device.Most ?? device.Usable),
            GpusPerNode = taken.Max(device => device.Count),
            NvLinkDomain = taken.Contains(takable[0]) ? entry.Pool.NvLinkDomain : 1,
        };
    }

    private IEnumerable<string> Drivers => Choices.SelectMany(choice => choice.Drivers);
}
