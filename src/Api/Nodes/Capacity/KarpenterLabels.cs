using GpuMem.Catalogues.Gpus;
using GpuMem.Estimation;

namespace GpuMem.Api.Nodes.Capacity;

/// <summary>
/// What Karpenter on AWS and EKS Auto Mode know of an instance type, on nodes from their creation: name and MiB of one GPU. The MiB are those of the EC2
/// API, partly what the device reports and partly what is sold (a T4 of 16384 has 15360). The parts of a GPU of g6f instances count 0.
/// </summary>
internal static class KarpenterLabels
{
    private static readonly string[] Groups = ["karpenter.k8s.aws", "eks.amazonaws.com"];

    public static GpuFact? Read(NodeStatement node, GpuResource resource)
    {
        foreach (var group in Groups)
            if (node[$"{group}/instance-gpu-name"] is { } name)
                return Read(node, group, name, resource);
        return null;
    }

    private static GpuFact? Read(NodeStatement node, string group, string name, GpuResource resource)
    {
        if (node[$"{group}/instance-gpu-manufacturer"] is { } maker && !maker.Equals(resource.Vendor?.ToString(), StringComparison.OrdinalIgnoreCase))
            return null;
        var key = $"{group}/instance-gpu-memory";
        var mib = GpuMemoryLabel.TryReadMiB(node[key], out var reason);
        GpuCatalogue.TryFindCloudName(name, mib, out var model);
        // A part of a GPU has the name of the whole, and another size.
        if (model is null && mib is not null)
            GpuCatalogue.TryFindCloudName(name, null, out model);
        if (mib is { } figure && CardMemory.DisagreementOfName($"{key}:", figure, name, mayBePart: true) is { } doubt)
            return GpuFact.Doubt(MemorySource.Unknown, model?.NodeName ?? name, doubt);
        return new GpuFact
        {
            Source = mib is not null ? MemorySource.KarpenterLabels : model is not null ? MemorySource.Catalogue : MemorySource.Unknown,
            Product = model?.NodeName ?? name,
            Model = model,
            Usable = mib is { } nominal ? GpuCatalogue.NominalMemory(model, nominal) : model?.UsableMemory,
            // Of a card, or a part of one, that nobody measured it may be all of it.
            Most = mib is { } sold && (model?.LabelMemoryMiB is not { } whole || sold < whole - (whole / 8)) ? Bytes.FromMiB(sold) : null,
            Whole = node.Number($"{group}/instance-gpu-count") is > 0 and <= 1024 and var count ? (int)count : null,
            Complaint = mib is null ? $"{key}: {reason}" : null,
        };
    }
}
