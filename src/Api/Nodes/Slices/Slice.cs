namespace GpuMem.Api.Nodes.Slices;

/// <summary>A ResourceSlice: all that is kept of it.</summary>
/// <param name="Driver">Who publishes it.</param>
/// <param name="Pool">The pool of devices that it is a part of, by a name that is unique for the driver.</param>
/// <param name="Node">The node that has the devices; the pool's name where no single node has.</param>
/// <param name="Generation">Counts up when the pool is published anew: older ones are of the past.</param>
/// <param name="Slices">How many there are of this generation.</param>
/// <param name="Devices">The GPUs.</param>
public sealed record Slice(string Driver, string Pool, string Node, long Generation, long Slices, ValueList<SliceDevice> Devices)
{
    /// <summary>Null for one that has nothing to do with accelerators.</summary>
    public static Slice? Read(V1ResourceSlice slice)
    {
        if (slice.Spec is not { Driver: { } driver, Pool: { Name: { } pool } of } || !ResourceSlices.IsGpuDriver(driver))
            return null;
        var devices = (slice.Spec.Devices ?? []).Where(device => device is not null).Select(device => SliceDevice.Read(driver, device)).OfType<SliceDevice>();
        return new Slice(driver, pool, slice.Spec.NodeName is { Length: > 0 } node ? node : pool, of.Generation, of.ResourceSliceCount, new ValueList<SliceDevice>([.. devices]));
    }
}
