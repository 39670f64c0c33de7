using System.Globalization;
using GpuMem.Catalogues.Gpus;
using GpuMem.Estimation;

namespace GpuMem.Api.Nodes;

/// <summary>Where the figure for a GPU's memory comes from, the most trusted first.</summary>
public enum MemorySource
{
    Declared,
    Label,
    Catalogue,
    Unknown,
}

/// <summary>
/// What a node says of its GPUs, and what decides which pods can get there: all that is kept of a node, about one kilobyte of the ten or more
/// thousand that it has (full nodes cost gigabytes in large clusters, NVIDIA/NVSentinel#1512). Equal when nothing that planning reads differs.
/// </summary>
public sealed record GpuNode
{
    public const string ProductLabel = "nvidia.com/gpu.product";

    private const string Unlabelled = "an unlabelled GPU";

    public required string Name { get; init; }

    public required LabelSet Labels { get; init; }

    public required ValueList<NodeTaint> Taints { get; init; }

    public required NodePoolName Pool { get; init; }

    public required string ResourceName { get; init; }

    public required string Product { get; init; }

    /// <summary>What one requested GPU may allocate; null when unknown.</summary>
    public required Bytes? UsableMemory { get; init; }

    /// <summary>What it may get with luck: all of a GPU that others only take turns on.</summary>
    public required Bytes? LargestMemory { get; init; }

    public required MemorySource Source { get; init; }

    /// <summary>GPUs that pods can request on this node.</summary>
    public required int Gpus { get; init; }

    public required int NvLinkDomain { get; init; }

    /// <summary>Neither product nor memory is told by a label; a label that tells nonsense (a broken MIG layout) is not silence.</summary>
    public bool IsSilent => Product == Unlabelled && UsableMemory is null && Labels[GpuMemoryLabel.Key] is null;

    /// <summary>What is wrong with the node's labels; null when nothing is.</summary>
    public string? Complaint { get; init; }

    /// <summary>Null when the node has no GPU that pods could request.</summary>
    public static GpuNode? Read(V1Node node)
    {
        if (GpuResources.OfNode(node) is not { } resource)
            return null;
        // GPU Feature Discovery describes each kind of MIG slice by labels of its own: nvidia.com/mig-1g.10gb.memory.
        var about = resource.Name.StartsWith(GpuResources.MigPrefix, StringComparison.Ordinal) ? resource.Name : GpuResources.Nvidia;
        var product = node.GetLabel($"{about}.product") is { Length: > 0 } label ? label : Unlabelled;
        var gpus = (int)Math.Min(resource.Count > 0 ? resource.Count : Number(node, $"{about}.count"), 1024);
        if (gpus <= 0)
            return null;
        var known = GpuCatalogue.TryFind(product, out var model);
        var (strategy, replicas) = Sharing(node, about, product);
        var (memory, source, complaint) = Memory(node, about, product, known ? model : null);
        var share = memory is { } bytes ? new Bytes(bytes.Value / replicas) : memory;
        return new GpuNode
        {
            Name = node.Name() ?? "",
            Labels = new LabelSet(node.Labels()),
            Taints = new ValueList<NodeTaint>([.. (node.Spec?.Taints ?? []).Select(taint => new NodeTaint(taint.Key, taint.Value, taint.Effect))]),
            Pool = NodePoolName.Of(node),
            ResourceName = resource.Name,
            Product = product,
            // MPS divides memory evenly. Time-slicing does not: a fair share is all that a pod can count on, and all of it what it may find.
            UsableMemory = share,
            LargestMemory = strategy == "mps" ? share : memory,
            Source = source,
            Gpus = gpus,
            NvLinkDomain = model?.NvLinkDomain ?? 1,
            Complaint = complaint,
        };
    }

    private static (Bytes?, MemorySource, string?) Memory(V1Node node, string about, string product, GpuModel? model)
    {
        var key = $"{about}.memory";
        var mib = GpuMemoryLabel.TryReadMiB(node.GetLabel(key), out var reason);
        if (product.EndsWith("-MIG-INVALID", StringComparison.Ordinal))
            return (null, MemorySource.Unknown, $"{about}.product: the MIG layout is not valid");
        if (mib is { } label)
            return (GpuCatalogue.UsableMemory(product, label), MemorySource.Label, null);
        return model is not null
            ? (model.UsableMemory, MemorySource.Catalogue, $"{key}: {reason}; taken from the catalogue for {model.Name}")
            : (null, MemorySource.Unknown, $"{key}: {reason}");
    }

    private static (string? Strategy, int Replicas) Sharing(V1Node node, string about, string product)
    {
        var strategy = node.GetLabel($"{about}.sharing-strategy");
        var shared = strategy is "time-slicing" or "mps" || product.EndsWith("-SHARED", StringComparison.Ordinal);
        return (strategy, shared ? (int)Math.Clamp(Number(node, $"{about}.replicas"), 1, 1024) : 1);
    }

    private static long Number(V1Node node, string label) =>
        long.TryParse(node.GetLabel(label), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
