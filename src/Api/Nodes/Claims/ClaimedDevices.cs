using GpuMem.Api.Nodes.Slices;

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
    internal PoolInventory On(PoolInventory inventory, V1PodSpec? pod) => PoolReach.OfClaims(inventory, pod, entry =>
        entry.Device is { } device ? Choices.Any(choice => choice.MayTake(device))
        : entry.Nodes.Count == 0 && Drivers.Any(driver => ResourceSlices.ExtendedResource(driver) == entry.Pool.ResourceName));

    private IEnumerable<string> Drivers => ResourceSlices.GpuDrivers.Where(driver => Choices.Any(choice => choice.MayTake(DeviceFacts.OfDriver(driver))));
}
