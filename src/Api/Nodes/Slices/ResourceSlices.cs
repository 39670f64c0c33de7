using GpuMem.Catalogues.Gpus;
using GpuMem.Estimation;

namespace GpuMem.Api.Nodes.Slices;

/// <summary>
/// The GPUs that drivers for dynamic resource allocation publish (<c>resource.k8s.io/v1</c>). Of a pool of devices the slices of its newest generation
/// count, and only when all of them are there; until then its devices are of unknown memory, for the rest may be of another kind.
/// </summary>
public static class ResourceSlices
{
    public const string NvidiaDriver = "gpu.nvidia.com";

    public const string AmdDriver = "gpu.amd.com";

    public const string IntelDriver = "gpu.intel.com";

    private const int MostGpus = 1024;

    /// <summary>By node, what each driver offers there.</summary>
    public static Dictionary<string, List<SliceGpus>> ByNode(IEnumerable<V1ResourceSlice> slices)
    {
        var byNode = new Dictionary<string, List<SliceGpus>>(StringComparer.Ordinal);
        foreach (var pool in slices.Where(slice => slice.Spec is { Pool.Name: not null } && IsGpuDriver(slice.Spec.Driver)).GroupBy(slice => (slice.Spec.Driver, slice.Spec.Pool.Name)))
        {
            var newest = pool.Max(slice => slice.Spec.Pool.Generation);
            List<V1ResourceSlice> now = [.. pool.Where(slice => slice.Spec.Pool.Generation == newest)];
            // A pool of devices that no node holds is none that a job's pod would count as GPUs of its node; its own name stands for one.
            var node = now.Select(slice => slice.Spec.NodeName).FirstOrDefault(name => !string.IsNullOrEmpty(name)) ?? pool.Key.Name;
            if (!byNode.TryGetValue(node, out var gpus))
                byNode[node] = gpus = [];
            gpus.AddRange(Gpus(pool.Key.Driver, now));
        }
        return byNode;
    }

    internal static bool IsGpuDriver(string? name) => name is NvidiaDriver or AmdDriver or IntelDriver;

    /// <summary>The extended resource under which pods get the same devices: <c>DeviceClass.spec.extendedResourceName</c>, as the drivers' charts set it.</summary>
    internal static string? ExtendedResource(string driver) => driver switch
    {
        NvidiaDriver => GpuResources.Nvidia,
        AmdDriver => GpuResources.Amd,
        _ => null,
    };

    private static IEnumerable<SliceGpus> Gpus(string driver, List<V1ResourceSlice> slices)
    {
        var expected = slices.Max(slice => slice.Spec.Pool.ResourceSliceCount);
        var incomplete = slices.Count == expected ? null
            : $"{slices.Count} of the {expected} ResourceSlices of pool {slices[0].Spec.Pool.Name} are there (generation {slices[0].Spec.Pool.Generation})";
        List<(SliceDevice Device, bool IsTainted)> devices = [];
        foreach (var device in slices.SelectMany(slice => slice.Spec.Devices ?? []))
            if (device is not null && SliceDevice.TryRead(driver, device, out var read))
                devices.Add((read, IsTainted(device)));
        return Whole(devices).GroupBy(device => device.Device.Product).Select(same =>
        {
            var free = same.Where(device => !device.IsTainted).ToList();
            var counted = free.Count > 0 ? free : [.. same];
            var unknown = counted.Find(device => device.Device.Usable is null).Device;
            var complaint = incomplete ?? (free.Count == 0 ? "every device is tainted: the driver keeps pods away" : (unknown ?? counted[0].Device).Complaint);
            return new SliceGpus(
                driver,
                same.Key,
                counted[0].Device.Model,
                counted[0].Device.IsPart,
                Math.Min(counted.Count, MostGpus),
                incomplete is null && unknown is null && free.Count > 0 ? counted.Min(device => device.Device.Usable) : null,
                complaint);
        });
    }

    /// <summary>
    /// Without the parts of GPUs that are there as well: a GPU that can be cut is published whole and in every slice it could be cut into (KEP-4815), all
    /// of which take from the same counters.
    /// </summary>
    private static IEnumerable<(SliceDevice Device, bool IsTainted)> Whole(List<(SliceDevice Device, bool IsTainted)> devices)
    {
        var whole = devices.Where(device => !device.Device.IsPart).Select(device => device.Device).ToList();
        var counters = whole.SelectMany(device => device.Counters).ToHashSet(StringComparer.Ordinal);
        var ids = whole.Select(device => device.Id).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return devices.Where(device => !device.Device.IsPart || (!device.Device.Counters.Any(counters.Contains) && (device.Device.Parent is null || !ids.Contains(device.Device.Parent))));
    }

    /// <summary>A pod does not get it unless its claim says that it may.</summary>
    private static bool IsTainted(V1Device device) => device.Taints?.Any(taint => taint?.Effect is "NoSchedule" or "NoExecute") == true;
}

/// <summary>Like devices of a driver on a node.</summary>
/// <param name="Driver">The driver: what a claim asks for by its DeviceClass.</param>
/// <param name="Product">The GPU, with its profile where it is a part of one.</param>
/// <param name="Model">The whole GPU, where it is in the catalogue.</param>
/// <param name="IsPart">A MIG slice or a partition.</param>
/// <param name="Count">Devices.</param>
/// <param name="Usable">What a process gets on one; null when not known.</param>
/// <param name="Complaint">Why not.</param>
public sealed record SliceGpus(string Driver, string Product, GpuModel? Model, bool IsPart, int Count, Bytes? Usable, string? Complaint);
