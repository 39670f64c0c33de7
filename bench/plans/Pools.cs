using GpuMem.Estimation;
using GpuMem.Planning;

namespace GpuMem.Bench.Plans;

/// <summary>Pools as large clusters have them: a handful of products, many sizes and prices.</summary>
internal static class Pools
{
    private static readonly (string Product, int GiB, decimal Price)[] Products =
    [
        ("NVIDIA-A10G", 22, 1.0m), ("NVIDIA-L40S", 44, 1.9m), ("NVIDIA-A100-SXM4-80GB", 79, 4.1m), ("NVIDIA-H100-80GB-HBM3", 79, 8.2m), ("NVIDIA-H200", 139, 10.5m),
    ];

    public static IReadOnlyList<Pool> Of(int count) => [.. Enumerable.Range(0, count).Select(One)];

    /// <summary>Pools of one cloud: whole nodes of three products, in two sizes; each has its name and price.</summary>
    public static IReadOnlyList<Pool> OfFewKinds(int count) =>
        [.. Enumerable.Range(0, count).Select(index => One(index) with { Product = Products[index % 3].Product, UsableMemory = Bytes.FromGiB(Products[index % 3].GiB), GpusPerNode = 8, Nodes = index < count / 2 ? 50 : 200 })];

    private static Pool One(int index)
    {
        var (product, gib, price) = Products[index % Products.Length];
        return new Pool
        {
            Name = $"pool-{index}",
            Product = product,
            UsableMemory = Bytes.FromGiB(gib),
            GpusPerNode = index % 3 == 0 ? 4 : 8,
            Nodes = 1 + (index % 16),
            PricePerGpuHour = price + (index % 7 / 10m),
        };
    }
}
