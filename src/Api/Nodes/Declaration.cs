using GpuMem.Api.GpuPools;
using GpuMem.Kubernetes.Models;

namespace GpuMem.Api.Nodes;

/// <summary>
/// What an administrator declared, without what no pool can be. The schema of the CRD forbids that, but files and clusters with an older schema do
/// not check it, and a pool of no GPUs or of minus two nodes would refuse what its nodes could run.
/// </summary>
/// <param name="Spec">The declaration, where what cannot be is not said.</param>
/// <param name="Ignored">What that was; null when nothing.</param>
internal readonly record struct Declaration(GpuPoolSpec Spec, string? Ignored)
{
    private const int MostGpusPerNode = 1024;

    private const int MostNodes = 100_000;

    /// <summary>In the weakest currency there is no GPU at such a price, and sums of it stay far below what a decimal holds.</summary>
    private const long HighestPrice = 1_000_000_000;

    /// <summary>Dividing by it takes the zeros off the end of a number.</summary>
    private const decimal One = 1.0000000000000000000000000000m;

    /// <summary>Of one GPU per hour.</summary>
    public decimal? Price => Spec.PricePerGPUHour?.ToDecimal() / One;

    public static Declaration Read(GpuPoolSpec said)
    {
        var ignored = new List<string>();
        var spec = new GpuPoolSpec
        {
            Selector = said.Selector,
            Product = Text(said.Product, "spec.product", ignored),
            MemoryPerGPU = Memory(said.MemoryPerGPU, ignored),
            GpusPerNode = Count(said.GpusPerNode, 1, MostGpusPerNode, "spec.gpusPerNode", ignored),
            MaxNodes = Count(said.MaxNodes, 0, MostNodes, "spec.maxNodes", ignored),
            ResourceName = Text(said.ResourceName, "spec.resourceName", ignored),
            PricePerGPUHour = ReadPrice(said.PricePerGPUHour, ignored),
            Taints = Taints(said.Taints, ignored),
        };
        return new Declaration(spec, ignored.Count == 0 ? null : $"not counted: {string.Join("; ", ignored)}");
    }

    private static int? Count(int? said, int least, int most, string field, List<string> ignored)
    {
        if (said is not { } count || (count >= least && count <= most))
            return said;
        ignored.Add($"{field} is {count}, give {least} to {most}");
        return null;
    }

    private static string? Text(string? said, string field, List<string> ignored)
    {
        if (said is null || !string.IsNullOrWhiteSpace(said))
            return said;
        ignored.Add($"{field} is empty");
        return null;
    }

    /// <summary>A number without a unit is of bytes, and no GPU has so few.</summary>
    private static Quantity? Memory(Quantity? said, List<string> ignored)
    {
        if (said is not { } memory || GpuMemoryLabel.IsSizeOfGpu(memory.ToInt64() / Estimation.Bytes.PerMiB))
            return said;
        ignored.Add($"spec.memoryPerGPU is {memory}, which is {memory.ToInt64()} bytes and no size of a GPU: give it with its unit, as 80Gi or 81559Mi");
        return null;
    }

    private static Quantity? ReadPrice(Quantity? said, List<string> ignored)
    {
        if (said is not { } price || price.ToDecimal() is >= 0 and <= HighestPrice)
            return said;
        ignored.Add($"spec.pricePerGPUHour is {price}, give 0 to {HighestPrice}");
        return null;
    }

    private static List<GpuPoolTaint>? Taints(IList<GpuPoolTaint>? said, List<string> ignored)
    {
        if (said?.Any(taint => string.IsNullOrEmpty(taint?.Key)) == true)
            ignored.Add("spec.taints has one without a key");
        return said?.Where(taint => !string.IsNullOrEmpty(taint?.Key)).ToList();
    }
}
