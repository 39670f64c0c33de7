using GpuMem.Estimation;

namespace GpuMem.Api.Nodes.Claims;

/// <summary>Devices that a claim would take: of which kinds, and how many.</summary>
/// <param name="Selectors">CEL expressions of its DeviceClass and its own: a device that it takes passes all.</param>
/// <param name="Count">Devices; null for all that a node has.</param>
public sealed record DeviceChoice(ValueList<string> Selectors, long? Count)
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

    /// <summary>
    /// What it gets of a device that it takes: all, or of one that several claims may have the part that it asks for. The scheduler only counts those parts
    /// (kubernetes-sigs/dra-driver-nvidia-gpu, consumable_shares.go), so that with luck it finds more.
    /// </summary>
    internal DeviceCut Of(DeviceCut device) => Memory is { } part && device.Facts.IsShared
        ? device with { Usable = device.Usable is { } all ? Bytes.Min(part, all) : part, Most = device.Most ?? device.Usable ?? device.Facts.MemoryOfDevice }
        : device;
}
