using GpuMem.Catalogues.Gpus;
using GpuMem.Estimation;

namespace GpuMem.Planning;

/// <summary>A set of like nodes, as far as planning cares.</summary>
public sealed record Pool
{
    public required string Name { get; init; }

    /// <summary>The GPU's product as its nodes report it, <c>NVIDIA-H100-80GB-HBM3</c>.</summary>
    public required string Product { get; init; }

    /// <summary>Memory that a process can allocate on one GPU; null when no label and no catalogue tells.</summary>
    public required Bytes? UsableMemory { get; init; }

    public required int GpusPerNode { get; init; }

    /// <summary>Nodes there are now.</summary>
    public required int Nodes { get; init; }

    /// <summary>Nodes there can be, as an administrator declared; null when nobody did.</summary>
    public int? MaxNodes { get; init; }

    /// <summary>
    /// An autoscaler adds nodes and nobody declared how many: a job that needs more GPUs than there are is Unknown, not rejected.
    /// </summary>
    public bool MayGrow { get; init; }

    /// <summary>GPUs that the product links at most: 8 of an HGX board, 72 of a rack.</summary>
    public int NvLinkDomain { get; init; } = 8;

    /// <summary>GPUs of this pool that reach each other over NVLink: those of a node, or those of a rack where the link leaves the node.</summary>
    public int NvLinkGroup => LinkedGpus(NvLinkDomain, GpusPerNode);

    public string ResourceName { get; init; } = "nvidia.com/gpu";

    public decimal? PricePerGpuHour { get; init; }

    /// <summary>GPUs that nobody holds at the moment; null when that is not known. It decides nothing but which of two pools comes first.</summary>
    public long? FreeGpus { get; init; }

    /// <summary>GPUs with which a job can start now, as far as is known.</summary>
    public long FreeNow => FreeGpus ?? (long)Nodes * GpusPerNode;

    /// <summary>The nodes disagree on product or memory; the smallest counts.</summary>
    public bool Heterogeneous { get; init; }

    /// <summary>
    /// The memory of the largest GPU there is, or may be, where nodes disagree or their GPUs are shared: what only fits there is at risk, not rejected.
    /// Known without <see cref="UsableMemory"/>, what is more than this is rejected.
    /// </summary>
    public Bytes? LargestMemory { get; init; }

    /// <summary>
    /// The GPU has no memory of its own but that of the host, which is <see cref="LargestMemory"/>; <see cref="UsableMemory"/> is what the host leaves of it.
    /// </summary>
    public bool SharesMemoryWithHost { get; init; }

    /// <summary>
    /// Why nobody can say what the GPUs are that the pod would get here, as the second half of a sentence; null when that is known. Whatever
    /// <see cref="UsableMemory"/> says, the verdict is then <see cref="Verdict.Unknown"/>.
    /// </summary>
    public string? Unknown { get; init; }

    /// <summary>Where there is no cluster to look at: nodes of eight such GPUs, as many as the job may ask for.</summary>
    public static Pool Of(GpuModel gpu, PlanRequest request)
    {
        const int usualNode = 8;
        var perNode = Math.Max(usualNode, request.GpusPerNode ?? 0);
        return new Pool
        {
            Name = gpu.Name,
            Product = gpu.Name,
            UsableMemory = gpu.UsableMemory,
            LargestMemory = gpu.SharedMemory,
            SharesMemoryWithHost = gpu.SharedMemory is not null,
            GpusPerNode = perNode,
            NvLinkDomain = gpu.NvLinkDomain,
            Nodes = (int)Math.Max(GpuCounts.MostProposed / perNode, (request.Job.Parallelism.WorldSize + perNode - 1) / perNode),
        };
    }

    /// <summary>GPUs there are or, where declared, can be.</summary>
    public long Gpus => (long)Math.Max(Nodes, MaxNodes ?? 0) * GpusPerNode;

    internal static int LinkedGpus(int domain, int gpusPerNode)
    {
        const int board = 8;
        return domain > board ? domain : Math.Min(domain, gpusPerNode);
    }
}
