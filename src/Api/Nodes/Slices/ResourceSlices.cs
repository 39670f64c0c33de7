using GpuMem.Api.Nodes.Claims;
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

    /// <summary>HAMi's driver: claims take parts of NVIDIA's GPUs by <c>capacity.requests.memory</c>, and its library holds containers to them (Project-HAMi/k8s-dra-driver).</summary>
    public const string HamiDriver = "hami-core-gpu.project-hami.io";

    public const string GaudiDriver = "gaudi.intel.com";

    private const int MostGpus = 1024;

    /// <summary>By node, what each driver offers there.</summary>
    public static Dictionary<string, List<SliceGpus>> ByNode(IEnumerable<V1ResourceSlice> slices)
    {
        var byNode = new Dictionary<string, List<SliceGpus>>(StringComparer.Ordinal);
        foreach (var pool in slices.Select(Slice.Read).OfType<Slice>().GroupBy(slice => (slice.Driver, slice.Pool)))
        {
            var (node, gpus) = OfPool([.. pool]);
            if (!byNode.TryGetValue(node, out var offered))
                byNode[node] = offered = [];
            offered.AddRange(gpus);
        }
        return byNode;
    }

    /// <param name="slices">All there are of one pool of devices, at least one.</param>
    internal static (string Node, IReadOnlyList<SliceGpus> Gpus) OfPool(IReadOnlyList<Slice> slices)
    {
        var newest = slices.Max(slice => slice.Generation);
        List<Slice> now = [.. slices.Where(slice => slice.Generation == newest)];
        return (now[0].Node, [.. Gpus(now[0].Driver, now)]);
    }

    /// <summary>Those whose GPUs a job may be given that did not ask for them by name.</summary>
    internal static readonly IReadOnlyList<string> GpuDrivers = [NvidiaDriver, AmdDriver, IntelDriver, HamiDriver];

    /// <summary>Whose devices are accelerators, as far as its name tells: <c>gpu.metax-tech.com</c>, <c>npu.rebellions.ai</c>, and not <c>compute-domain.nvidia.com</c>.</summary>
    internal static bool IsGpuDriver(string? name) => name is not null && GpuResources.NamesAccelerator(name);

    /// <summary>The memory that the driver states is that of a GPU: of other accelerators nobody here knows what a job needs on them.</summary>
    internal static bool StatesMemoryOfGpus(string driver) => driver == GaudiDriver || driver.Contains("gpu", StringComparison.OrdinalIgnoreCase);

    /// <summary>The extended resource under which pods get the same devices: <c>DeviceClass.spec.extendedResourceName</c>, as the drivers' charts set it.</summary>
    internal static string? ExtendedResource(string driver) => driver switch
    {
        NvidiaDriver or HamiDriver => GpuResources.Nvidia,
        AmdDriver => GpuResources.Amd,
        _ => null,
    };

    private static IEnumerable<SliceGpus> Gpus(string driver, List<Slice> slices)
    {
        var expected = slices.Max(slice => slice.Slices);
        var incomplete = slices.Count == expected ? null : $"{slices.Count} of the {expected} ResourceSlices of pool {slices[0].Pool} are there (generation {slices[0].Generation})";
        List<SliceDevice> all = [.. slices.SelectMany(slice => slice.Devices)], whole = [.. Whole(all)], parts = [.. all.Except(whole)];
        return whole.GroupBy(device => device.Product).Select(same =>
        {
            var counted = Free([.. same]);
            var unknown = counted.Find(device => device.Usable is null);
            var isFree = !counted[0].IsTainted;
            return new SliceGpus(
                driver,
                same.Key,
                counted[0].Model,
                counted[0].IsPart,
                Math.Min(counted.Sum(device => device.Count), MostGpus),
                incomplete is null && unknown is null && isFree ? counted.Min(device => device.Usable) : null,
                DeviceFacts.Common([.. counted.Select(device => device.Facts)]),
                incomplete ?? (isFree ? (unknown ?? counted[0]).Complaint : "every device is tainted: a pod gets none unless its claim tolerates that"))
            {
                Most = incomplete is null && isFree && counted.TrueForAll(device => (device.Most ?? device.Usable) is not null) ? counted.Max(device => device.Most ?? device.Usable) : null,
                Cuts = new ValueList<DeviceCut>([.. parts.Where(part => same.Any(device => IsOf(part, device))).GroupBy(part => part.Product).Select(like => Cut([.. like], incomplete is null))]),
            };
        });
    }

    /// <summary>Those that a pod gets without its claim saying that it tolerates a taint; all where there are no others.</summary>
    private static List<SliceDevice> Free(List<SliceDevice> devices) => devices.FindAll(device => !device.IsTainted) is { Count: > 0 } free ? free : devices;

    private static DeviceCut Cut(List<SliceDevice> parts, bool isWhole)
    {
        var free = Free(parts);
        return new DeviceCut(
            free[0].Product,
            DeviceFacts.Common([.. free.Select(part => part.Facts)]),
            isWhole && free.TrueForAll(part => part.Usable is not null) ? free.Min(part => part.Usable) : null,
            isWhole && free.TrueForAll(part => (part.Most ?? part.Usable) is not null) ? free.Max(part => part.Most ?? part.Usable) : null,
            Math.Min(free.Sum(part => part.Count), MostGpus));
    }

    /// <summary>The part takes from what the GPU takes from.</summary>
    private static bool IsOf(SliceDevice part, SliceDevice whole) => part.Counters.Any(whole.Counters.Contains) || (part.Parent is not null && part.Parent == whole.Id);

    /// <summary>
    /// Without the parts of GPUs that are there as well: a GPU that can be cut is published whole and in every slice it could be cut into (KEP-4815), all
    /// of which take from the same counters.
    /// </summary>
    private static IEnumerable<SliceDevice> Whole(List<SliceDevice> devices)
    {
        var whole = devices.Where(device => !device.IsPart).ToList();
        var counters = whole.SelectMany(device => device.Counters).ToHashSet(StringComparer.Ordinal);
        var ids = whole.Select(device => device.Id).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return devices.Where(device => !device.IsPart || (!device.Counters.Any(counters.Contains) && (device.Parent is null || !ids.Contains(device.Parent))));
    }
}

/// <summary>Like devices of a driver on a node.</summary>
/// <param name="Driver">The driver: what a claim asks for by its DeviceClass.</param>
/// <param name="Product">The GPU, with its profile where it is a part of one.</param>
/// <param name="Model">The whole GPU, where it is in the catalogue.</param>
/// <param name="IsPart">A MIG slice or a partition.</param>
/// <param name="Count">Devices.</param>
/// <param name="Usable">What a process gets on one; null when not known.</param>
/// <param name="Facts">What selectors of claims see of them.</param>
/// <param name="Complaint">Why not.</param>
public sealed record SliceGpus(string Driver, string Product, GpuModel? Model, bool IsPart, int Count, Bytes? Usable, DeviceFacts Facts, string? Complaint)
{
    /// <summary>What a process may get with luck; null where that is <see cref="Usable"/>, or not known.</summary>
    public Bytes? Most { get; init; }

    /// <summary>Parts into which the driver cuts them as claims come.</summary>
    public ValueList<DeviceCut> Cuts { get; init; } = new([]);
}
