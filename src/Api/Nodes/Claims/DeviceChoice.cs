using System.Text.RegularExpressions;
using GpuMem.Api.Nodes.Slices;
using GpuMem.Estimation;

namespace GpuMem.Api.Nodes.Claims;

/// <summary>Devices that a claim would take: of which kinds, and how many.</summary>
/// <param name="Selectors">CEL expressions of its DeviceClass and its own: a device that it takes passes all.</param>
/// <param name="Count">Devices; null for all that a node has.</param>
public sealed partial record DeviceChoice(ValueList<string> Selectors, long? Count)
{
    /// <summary>What it asks for of each device's memory (<c>capacity.requests.memory</c>); null when it does not say so.</summary>
    public Bytes? Memory { get; init; }

    /// <summary>Whether it may take such a device: what cannot be told of a selector excludes nothing.</summary>
    internal bool MayTake(DeviceFacts device)
    {
        foreach (var selector in Selectors)
            if (DeviceSelector.Selects(selector, device) == false)
                return false;
        return !(Memory > device.MemoryOfDevice);
    }

    /// <summary>Drivers of accelerators whose devices it may take: those that are known, and what its selectors name.</summary>
    internal IEnumerable<string> Drivers => ResourceSlices.GpuDrivers.Append(ResourceSlices.GaudiDriver)
        .Union(Selectors.SelectMany(selector => NamedDriver().Matches(selector)).Select(named => named.Groups["name"].Value).Where(ResourceSlices.IsGpuDriver), StringComparer.Ordinal)
        .Where(driver => MayTake(DeviceFacts.OfDriver(driver)));

    /// <summary>
    /// What it gets of a device that it takes: all, or of one that several claims may have the part that it asks for. The scheduler only counts those parts
    /// (kubernetes-sigs/dra-driver-nvidia-gpu, consumable_shares.go), so that with luck it finds more; HAMi's library holds a container to its part.
    /// </summary>
    internal DeviceCut Of(DeviceCut device)
    {
        if (Memory is not { } asked || !(device.Facts.IsShared || device.Facts.Driver == ResourceSlices.HamiDriver))
            return device;
        var part = device.Usable is { } all ? Bytes.Min(asked, all) : asked;
        return device with { Usable = part, Most = device.Facts.Driver == ResourceSlices.HamiDriver ? part : device.Most ?? device.Usable ?? device.Facts.MemoryOfDevice };
    }

    [GeneratedRegex("""device\.driver\s*==\s*["'](?<name>[^"']{1,253})["']""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NamedDriver();
}
