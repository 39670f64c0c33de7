namespace GpuMem.Api.Nodes.Claims;

/// <summary>Devices that a claim would take: of which kinds, and how many.</summary>
/// <param name="Selectors">CEL expressions of its DeviceClass and its own: a device that it takes passes all.</param>
/// <param name="Count">Devices; null for all that a node has.</param>
public sealed record DeviceChoice(ValueList<string> Selectors, long? Count)
{
    /// <summary>Whether it may take such a device: what cannot be told of a selector excludes nothing.</summary>
    internal bool MayTake(DeviceFacts device)
    {
        foreach (var selector in Selectors)
            if (DeviceSelector.Selects(selector, device) == false)
                return false;
        return true;
    }
}
