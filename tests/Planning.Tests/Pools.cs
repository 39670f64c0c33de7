using GpuMem.Estimation;

namespace GpuMem.Planning.Tests;

/// <summary>Pools whose memory is set relative to an estimate, so that tests stay true when formulas improve.</summary>
internal static class Pools
{
    public static Bytes Plenty { get; } = Bytes.FromGiB(100_000);

    public static Bytes Nothing { get; } = Bytes.FromGiB(1);

    public static Pool Of(Bytes? memory, int nodes = 4, int gpusPerNode = 8, string name = "pool") => new()
    {
        Name = name,
        Product = $"GPU-of-{name}",
        UsableMemory = memory,
        GpusPerNode = gpusPerNode,
        Nodes = nodes,
    };

    /// <summary>Just enough for this estimate's upper bound.</summary>
    public static Pool Fitting(Estimate estimate, int nodes = 4, string name = "pool") => Of(estimate.UpperBound, nodes, name: name);

    public static Bytes Less(this Bytes size, long bytes = 1) => new(size.Value - bytes);
}
