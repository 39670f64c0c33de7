using System.Globalization;

namespace GpuMem.Bench.Load;

/// <summary>How large a cluster is, written <c>10000x200</c>.</summary>
internal readonly record struct ClusterSize(int Nodes, int Pools) : IComparable<ClusterSize>
{
    public static ClusterSize Parse(string text) => text.Split('x') is [var nodes, var pools]
        ? new(int.Parse(nodes, NumberStyles.None, CultureInfo.InvariantCulture), int.Parse(pools, NumberStyles.None, CultureInfo.InvariantCulture))
        : throw new ArgumentException($"'{text}' is no size: write NODESxPOOLS, such as 1000x50");

    public int CompareTo(ClusterSize other) => (Nodes, Pools).CompareTo((other.Nodes, other.Pools));

    public override string ToString() => $"{Nodes}x{Pools}";
}
