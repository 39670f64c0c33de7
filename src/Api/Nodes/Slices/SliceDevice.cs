using GpuMem.Api.Nodes.Capacity;
using GpuMem.Api.Nodes.Claims;
using GpuMem.Catalogues.Gpus;
using GpuMem.Estimation;

namespace GpuMem.Api.Nodes.Slices;

/// <summary>A GPU, or a part of one, as a driver for dynamic resource allocation publishes it. Its memory is exact, in bytes.</summary>
/// <param name="Product">As the node labels have it, with the profile behind it where it is a part.</param>
/// <param name="IsPart">A MIG slice or an AMD partition.</param>
/// <param name="Id">Its own id: NVIDIA's UUID.</param>
/// <param name="Parent">The id of the GPU that it is a part of.</param>
/// <param name="Counters">What it takes from together with others, of which then not all can be had.</param>
/// <param name="Usable">What a process gets; null when that is not known.</param>
/// <param name="Most">What it gets with luck; null where that is <paramref name="Usable"/>, or not known.</param>
/// <param name="Count">Such devices, of which it stands for as many.</param>
/// <param name="IsTainted">A pod does not get it unless its claim says that it may.</param>
/// <param name="Facts">What selectors of claims see of it.</param>
/// <param name="Complaint">Why its memory is not known, or what was assumed.</param>
public sealed record SliceDevice(
    string Product, GpuModel? Model, bool IsPart, string? Id, string? Parent, ValueList<string> Counters, Bytes? Usable, Bytes? Most, int Count, bool IsTainted, DeviceFacts Facts,
    string? Complaint)
{
    /// <summary>What AMD's driver published up to its release 0.3 where it could not read the size; later it publishes 0.</summary>
    private static readonly long AmdFallbackMiB = 80 * 1024;

    /// <summary>No device that a container could use for its work: passed through to virtual machines whole (<c>type: vfio</c>).</summary>
    private const string PassedThrough = "vfio";

    private const int MostPartitions = 64;

    /// <summary>Null for a device that no container gets.</summary>
    internal static SliceDevice? Read(string driver, V1Device device)
    {
        var type = Text(device, driver, "type");
        if (type == PassedThrough)
            return null;
        var profile = Text(device, driver, "profile") ?? Partition(Text(device, driver, "partitionProfile") ?? Text(device, driver, "computePartition"));
        var name = Text(device, driver, "productName") ?? Text(device, driver, "model");
        GpuCatalogue.TryFind(name ?? "", out var whole);
        var product = name is null ? "an unnamed GPU" : whole is { Vendor: GpuVendor.Nvidia } ? name.Replace(' ', '-') : name;
        var isPart = profile is not null || type is "mig" or "amdgpu-partition";
        var (all, complaint) = Memory(driver, device, product, whole, isPart, profile);
        // Of a GPU that AMD's driver cuts as claims come, each has a partition, and the driver says how large that is and how many there are
        // (ROCm/k8s-gpu-dra-driver, docs/driver-attributes.md).
        var isShared = device.AllowMultipleAllocations == true && Text(device, driver, "computePartition") is null;
        var usable = isShared && !IsWholeByDefault(device, driver) ? null : all;
        return new SliceDevice(
            isPart ? $"{product}{(driver == ResourceSlices.NvidiaDriver ? "-MIG-" : " ")}{profile}" : product,
            whole,
            isPart,
            Text(device, driver, "uuid"),
            Text(device, driver, "parentUUID"),
            new ValueList<string>([.. (device.ConsumesCounters ?? []).Select(counter => counter?.CounterSet).OfType<string>()]),
            usable,
            usable is null ? isShared ? all : null : IsMeasured(whole, isPart) ? null : Bytes.Max(Bytes.Max(usable.Value, whole?.SharedMemory ?? Bytes.Zero), new Bytes(Capacity(device, driver, "memory")?.Value() ?? 0)),
            (int)Math.Clamp(Capacity(device, driver, "partitions")?.Value() ?? 1, 1, MostPartitions),
            device.Taints?.Any(taint => taint?.Effect is "NoSchedule" or "NoExecute") == true,
            DeviceFacts.Of(driver, device),
            usable is null && all is not null ? $"{device.Name} goes to several claims (allowMultipleAllocations): how much of its memory each gets, only they tell" : complaint);
    }

    /// <summary>Who does not say how much of its memory it claims gets all (KEP-5075: the policy's default, and without one all there is).</summary>
    private static bool IsWholeByDefault(V1Device device, string driver) => device.Capacity is { } capacity && (Find(capacity, "memory") ?? Find(capacity, $"{driver}/memory")) is { } memory
        && (memory.RequestPolicy?.DefaultProperty is not { } usual || usual.Value() >= memory.Value?.Value());

    /// <summary>What a process gets on it was seen; else it may find all that the device says.</summary>
    private static bool IsMeasured(GpuModel? whole, bool isPart) => whole is { IsMeasured: true } && (!isPart || whole.Vendor == GpuVendor.Amd);

    private static (Bytes? Usable, string? Complaint) Memory(string driver, V1Device device, string product, GpuModel? whole, bool isPart, string? profile)
    {
        if (!ResourceSlices.StatesMemoryOfGpus(driver))
            return (null, $"what a job needs on devices of {driver} is not known, and no pod is held against them");
        var bytes = Capacity(device, driver, "memory")?.Value() ?? 0;
        var mib = bytes / Bytes.PerMiB;
        var isFallback = driver == ResourceSlices.AmdDriver && mib == AmdFallbackMiB;
        if (mib > 0 && !isFallback && GpuMemoryLabel.TryReadMiB(mib.ToString(System.Globalization.CultureInfo.InvariantCulture), out var problem) is null)
            return (null, $"the driver says that {device.Name} has {mib} MiB: {problem}");
        if (mib > 0 && !isFallback && !(isPart && whole is { Vendor: GpuVendor.Amd })
            && CardMemory.Disagreement($"the driver says that {device.Name} has", mib, isPart ? $"{product}-MIG-{profile}" : product) is { } doubt)
            return (null, doubt);
        if (mib > 0 && !isFallback)
            return (Allocatable(product, whole, mib, isPart, profile), null);
        var reason = isFallback
            ? $"the driver says that {device.Name} has 80Gi, which it also says where it cannot read the size"
            : $"the driver does not say how much memory {device.Name} has";
        return whole is null || isPart ? (null, reason) : (whole.UsableMemory, $"{reason}; taken from the catalogue for {whole.Name}");
    }

    private static Bytes Allocatable(string product, GpuModel? whole, long mib, bool isPart, string? profile)
    {
        if (!isPart)
            return whole is null ? GpuCatalogue.UsableMemory(product, mib) : Bytes.Min(GpuCatalogue.UsableMemory(product, mib), Bytes.Max(whole.UsableMemory, GpuCatalogue.UsableMemory(null, mib)));
        return whole?.Vendor == GpuVendor.Amd ? Bytes.Min(new Bytes(whole.UsableMemory.Value / (AmdLabels.Parts(profile, whole) ?? 1)), Bytes.FromMiB(mib)) : GpuCatalogue.UsableMemory($"{product}-MIG-{profile}", mib);
    }

    /// <summary>Only what is cut: <c>spx</c> is the whole GPU.</summary>
    private static string? Partition(string? profile) => profile is null || profile.StartsWith("spx", StringComparison.OrdinalIgnoreCase) ? null : profile;

    /// <summary>A name without a domain belongs to that of the driver.</summary>
    private static string? Text(V1Device device, string driver, string name) =>
        device.Attributes is { } attributes && (Find(attributes, name) ?? Find(attributes, $"{driver}/{name}"))?.StringValue is { Length: > 0 } text ? text : null;

    private static ResourceQuantity? Capacity(V1Device device, string driver, string name) =>
        device.Capacity is { } capacity ? (Find(capacity, name) ?? Find(capacity, $"{driver}/{name}"))?.Value : null;

    private static T? Find<T>(IDictionary<string, T> map, string key)
        where T : class => map.TryGetValue(key, out var value) ? value : null;
}
