using GpuMem.Api.Nodes.Claims;
using GpuMem.Estimation;

namespace GpuMem.Api.Nodes;

/// <summary>
/// What a node says of its GPUs of one resource, and what decides which pods can get there: all that is kept of a node, about one kilobyte of the ten or more
/// thousand that it has (full nodes cost gigabytes in large clusters, NVIDIA/NVSentinel#1512). Equal when nothing that planning reads differs.
/// </summary>
public sealed record GpuNode
{
    public const string ProductLabel = "nvidia.com/gpu.product";

    private static readonly ValueList<DeviceCut> NoCuts = new([]);

    public required string Name { get; init; }

    public required LabelSet Labels { get; init; }

    public required ValueList<NodeTaint> Taints { get; init; }

    public required NodePoolName Pool { get; init; }

    public required string ResourceName { get; init; }

    /// <summary>The GPUs come from a driver for dynamic resource allocation, of which <see cref="ResourceName"/> is the name: pods ask for them by claims.</summary>
    public bool IsClaimed { get; init; }

    /// <summary>What selectors of claims see of its devices; null where <see cref="IsClaimed"/> is false.</summary>
    public DeviceFacts? Device { get; init; }

    /// <summary>Parts into which its driver cuts them as claims come; none where each is one claim's, whole.</summary>
    public ValueList<DeviceCut> Cuts { get; init; } = NoCuts;

    /// <summary>The extended resource under which pods may get claimed GPUs without a claim (KEP-5004); null when there is none.</summary>
    public string? AlsoOfferedAs { get; init; }

    /// <summary>GPUs of one pool are like in this: the resource, and of a driver's devices the product, for a driver has all that a node has.</summary>
    public string Kind => IsClaimed ? $"{ResourceName}/{Product}" : ResourceName;

    public required string Product { get; init; }

    /// <summary>What one requested GPU may allocate; null when unknown.</summary>
    public required Bytes? UsableMemory { get; init; }

    /// <summary>What it may get with luck: all of a GPU that others only take turns on.</summary>
    public required Bytes? LargestMemory { get; init; }

    public required MemorySource Source { get; init; }

    /// <summary>GPUs that pods can request on this node.</summary>
    public required int Gpus { get; init; }

    public required int NvLinkDomain { get; init; }

    /// <summary>No label tells what the GPU is; a label that tells nonsense (a broken MIG layout) is not silence.</summary>
    public required bool IsSilent { get; init; }

    /// <summary>The node offers them now. Else only labels say that there are any: the device plugin is away, or pods get them by claims.</summary>
    public required bool IsOffered { get; init; }

    /// <summary>The node has none that it tells of.</summary>
    public bool IsBare => Gpus == 0;

    /// <summary>MiB that one of <c>volcano.sh/vgpu-memory</c> or <c>nvidia.com/gpumem</c> stands for here.</summary>
    public int ShareUnitMiB { get; init; } = 1;

    /// <summary>What is wrong with what the node says, or was assumed; null when nothing.</summary>
    public string? Complaint { get; init; }
}
