using System.Diagnostics.CodeAnalysis;

namespace GpuMem.Estimation.Gpus;

/// <summary>One kind of GPU: what its label says, and what a process can really use.</summary>
public sealed record GpuModel
{
    /// <summary>The name people know, <c>NVIDIA H100 SXM 80GB</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The names under which nodes and drivers report it, <c>NVIDIA-H100-80GB-HBM3</c>.</summary>
    public required IReadOnlyList<string> Aliases { get; init; }

    /// <summary>What NVML reports and GPU Feature Discovery writes, in MiB; null when unknown.</summary>
    public required long? LabelMemoryMiB { get; init; }

    /// <summary>Memory a process can allocate: less than the label, far less than the marketing name.</summary>
    public required Bytes UsableMemory { get; init; }

    /// <summary>GPUs that reach each other by NVLink inside a node; 1 for cards on PCIe alone.</summary>
    public required int NvLinkDomain { get; init; }
}

public static class GpuCatalogue
{
    public static IReadOnlyList<GpuModel> All => throw new NotImplementedException();

    /// <summary>By product label, name, alias or short form (<c>h100-80gb</c>), without regard to case, blanks and dashes.</summary>
    public static bool TryFind(string product, [NotNullWhen(true)] out GpuModel? gpu) => throw new NotImplementedException();

    /// <summary>
    /// Memory that a process can allocate on a GPU whose node label says <paramref name="labelMemoryMiB"/>: the catalogue's CUDA-visible figure
    /// when the product is known and the label agrees with it, else 98.3 % of the label, the least ratio seen.
    /// </summary>
    public static Bytes UsableMemory(string? product, long labelMemoryMiB) => throw new NotImplementedException();
}
