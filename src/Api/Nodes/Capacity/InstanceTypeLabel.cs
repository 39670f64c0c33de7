using GpuMem.Catalogues.Gpus;
using GpuMem.Estimation;

namespace GpuMem.Api.Nodes.Capacity;

/// <summary>
/// The instance type, on the nodes of every cloud from their creation, looked up in a table: AKS, OKE and EKS node groups without GPU Feature Discovery
/// say no more (awsdocs/amazon-eks-user-guide, ml/ml-eks-optimized-ami.adoc). Karpenter on Azure repeats it as <c>sku-name</c>.
/// </summary>
internal static class InstanceTypeLabel
{
    private static readonly string[] Keys = ["node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type", "karpenter.azure.com/sku-name"];

    /// <summary>Of types that have a part of a GPU. Labels that only name the GPU name the whole (<c>nvidia-rtx-pro-6000</c> of an eighth of one), and are asked later.</summary>
    public static GpuFact? ReadPart(NodeStatement node, GpuResource resource) =>
        Array.Exists(Keys, key => InstanceTypes.TryFind(node[key], out var type) && type.PartMiB is not null) ? Read(node, resource) : null;

    public static GpuFact? Read(NodeStatement node, GpuResource resource)
    {
        foreach (var key in Keys)
            if (InstanceTypes.TryFind(node[key], out var type) && type.Gpu.Vendor == resource.Vendor)
                return new GpuFact
                {
                    Source = MemorySource.InstanceType,
                    Product = type.Product,
                    Model = type.Gpu,
                    Usable = type.PartMiB is { } part ? GpuCatalogue.NominalMemory(type.Gpu, part) : type.Gpu.UsableMemory,
                    // How much of its part a virtual GPU keeps, nobody measured.
                    Most = type.PartMiB is { } all ? Bytes.FromMiB(all) : null,
                    Whole = type.Gpus,
                };
        return null;
    }
}
