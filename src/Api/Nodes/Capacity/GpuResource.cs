using GpuMem.Catalogues.Gpus;

namespace GpuMem.Api.Nodes.Capacity;

/// <summary>What the name of an extended resource says of the GPUs behind it.</summary>
internal readonly record struct GpuResource(string Name)
{
    private const string SharedSuffix = ".shared";

    private const string AmdPrefix = "amd.com/";

    /// <summary>The device plugin was told to rename what several pods share (<c>renameByDefault</c>): <c>nvidia.com/gpu.shared</c>.</summary>
    public bool IsShared => Name.EndsWith(SharedSuffix, StringComparison.Ordinal);

    /// <summary>What GPU Feature Discovery begins its labels with: the name before it was renamed (NVIDIA/k8s-device-plugin, internal/lm/resource.go).</summary>
    public string Described => Labelled ?? (IsShared ? Name[..^SharedSuffix.Length] : Name);

    /// <summary>The labels of the GPUs begin with another name than that by which they are offered.</summary>
    public string? Labelled { get; init; }

    /// <summary><c>3g.40gb</c> of <c>nvidia.com/mig-3g.40gb</c>; null for whole GPUs.</summary>
    public string? MigProfile => Described.StartsWith(GpuResources.MigPrefix, StringComparison.Ordinal) ? Described[GpuResources.MigPrefix.Length..] : null;

    /// <summary><c>cpx_nps4</c> of <c>amd.com/cpx_nps4</c>; null for whole GPUs.</summary>
    public string? AmdPartition => Name != GpuResources.Amd && Name.StartsWith(AmdPrefix, StringComparison.Ordinal) ? Name[AmdPrefix.Length..] : null;

    /// <summary>The node offers parts of GPUs, so that its amount counts no cards.</summary>
    public bool IsDivided => Name is GpuResources.Volcano or GpuResources.Alibaba or GpuResources.Tencent or GpuResources.TencentShared or GpuResources.Volcengine;

    /// <summary>Null for an accelerator of another maker.</summary>
    public GpuVendor? Vendor => Name switch
    {
        _ when Name.StartsWith(AmdPrefix, StringComparison.Ordinal) => GpuVendor.Amd,
        _ when Name.StartsWith("gpu.intel.com/", StringComparison.Ordinal) => GpuVendor.Intel,
        GpuResources.Gaudi => GpuVendor.Habana,
        _ when IsDivided || Name == GpuResources.AlibabaWhole || Name.StartsWith("nvidia.com/", StringComparison.Ordinal) => GpuVendor.Nvidia,
        _ => null,
    };
}
