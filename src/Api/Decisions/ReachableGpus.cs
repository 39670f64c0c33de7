using GpuMem.Api.Nodes;
using GpuMem.Api.Nodes.Claims;
using GpuMem.Api.Pods;

namespace GpuMem.Api.Decisions;

/// <summary>The GPUs that a pod asks for, by a resource, as a part of one or by claims, and the pools where it may get them.</summary>
internal sealed record ReachableGpus
{
    /// <summary>What it asks for, where nobody here knows the memory of that; then there are no pools to hold it against.</summary>
    public UnknownDevice? Unknown { get; private init; }

    public required PoolInventory Pools { get; init; }

    /// <summary>GPUs of the pod where no rewriting changes that: parts of GPUs, and claims. Null where it asks for whole GPUs by a resource, or for none yet.</summary>
    public int? Count { get; private init; }

    /// <param name="pod">The pod's <c>spec</c>, or its template's; null asks for nothing.</param>
    /// <param name="ns">Its namespace, in which its claims are.</param>
    /// <param name="inventory">All pools.</param>
    /// <param name="share">The part of a GPU that it asks for beside its <c>spec</c>; null leaves it to that.</param>
    /// <param name="claimedToo">As <see cref="PoolReach.Of(PoolInventory, V1PodSpec?, string?, bool)"/> says.</param>
    public static ReachableGpus Of(V1PodSpec? pod, string? ns, PoolInventory inventory, GpuShare? share = null, bool claimedToo = false)
    {
        var resource = PodGpus.Of(pod).ResourceName;
        var claimed = inventory.Claims.Of(pod, ns);
        if (UnknownDevice.Of(pod) is { } device && !(device.IsClaim && resource is not null && claimed == ClaimedDevices.None))
            return resource is null && claimed is not null ? OfClaims(claimed, device, pod, inventory) : On(device.IsClaim ? device with { Why = claimed?.Unknown } : device);
        if ((share ?? GpuShare.Of(pod)) is { } part)
            return new ReachableGpus { Pools = part.On(part.Reached(inventory, pod)), Count = part.Gpus };
        // By a resource of a name that tells nothing, which a DeviceClass says is a GPU.
        return resource is null && claimed is { Count: not 0 }
            ? OfClaims(claimed, new UnknownDevice(UnknownDevice.Claims, null), pod, inventory)
            : new ReachableGpus { Pools = PoolReach.Of(inventory, pod, resource, claimedToo) };
    }

    private static ReachableGpus OfClaims(ClaimedDevices claimed, UnknownDevice device, V1PodSpec? pod, PoolInventory inventory)
    {
        if (claimed.Count is not (> 0 and var count))
            return On(device with { Why = claimed.Unknown });
        var pools = claimed.On(inventory, pod);
        var gpus = (int)Math.Min(count, int.MaxValue);
        return pools.Entries.Count > 0
            ? new ReachableGpus { Pools = pools, Count = gpus }
            : On(device with { Count = gpus, Why = "no pool that it reaches has such devices" });
    }

    private static ReachableGpus On(UnknownDevice device) => new() { Unknown = device, Pools = PoolInventory.Empty };
}
