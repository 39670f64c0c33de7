using GpuMem.Api.Nodes.Capacity;

namespace GpuMem.Api.Nodes;

/// <summary>The extended resources under which GPUs are requested: those whose size is known, and those that only look like an accelerator.</summary>
public static class GpuResources
{
    public const string Nvidia = "nvidia.com/gpu";

    /// <summary>One resource for each kind of slice where MIG layouts are mixed: <c>nvidia.com/mig-1g.10gb</c>.</summary>
    public const string MigPrefix = "nvidia.com/mig-";

    public const string Amd = "amd.com/gpu";

    /// <summary>What pods of Volcano's vGPU plugin ask for, beside <c>volcano.sh/vgpu-memory</c>.</summary>
    public const string Volcano = "volcano.sh/vgpu-number";

    public const string Gaudi = "habana.ai/gaudi";

    /// <summary>What pods of Alibaba's cGPU ask for: pieces of memory, beside <c>aliyun.com/gpu-count</c> of the node.</summary>
    public const string Alibaba = "aliyun.com/gpu-mem";

    /// <summary>Whole GPUs of nodes on which Alibaba's scheduler chooses those that are near each other (alibabacloud.com/help, labels used by ACK to control GPUs).</summary>
    public const string AlibabaWhole = "aliyun.com/gpu";

    /// <summary>What pods of Tencent's GPU manager ask for: hundredths of a card, beside <c>tencent.com/vcuda-memory</c>.</summary>
    public const string Tencent = "tencent.com/vcuda-core";

    /// <summary>What pods of Tencent's qGPU ask for: hundredths of a card, beside <c>tke.cloud.tencent.com/qgpu-memory</c>.</summary>
    public const string TencentShared = "tke.cloud.tencent.com/qgpu-core";

    /// <summary>What pods of Volcengine's mGPU ask for: memory, beside <c>vke.volcengine.com/mgpu-core</c>.</summary>
    public const string Volcengine = "vke.volcengine.com/mgpu-memory";

    private static readonly string[] Names = [Nvidia, "nvidia.com/gpu.shared", Amd];

    /// <summary>Accelerators whose pools are shown and held against no pod: what they need is not known as well as their memory is.</summary>
    private static readonly string[] Shown = [Gaudi, "gpu.intel.com/xe", "gpu.intel.com/i915", Volcano, Alibaba, AlibabaWhole, Tencent, TencentShared, Volcengine];

    /// <summary>
    /// What accelerators call themselves: <c>gpu.intel.com/xe</c>, <c>nvidia.com/gpumem</c> (HAMi), <c>volcano.sh/vgpu-memory</c>,
    /// <c>deviceclass.resource.kubernetes.io/gpu.nvidia.com</c>, <c>habana.ai/gaudi</c>, <c>aws.amazon.com/neuron</c>, <c>google.com/tpu</c>, <c>huawei.com/Ascend910</c>.
    /// </summary>
    private static readonly string[] Words =
        ["gaudi", "neuron", "tpu", "npu", "xpu", "dcu", "mlu", "gcu", "ipu", "qaic", "ascend", "cuda", "accelerator", "tenstorrent"];

    /// <summary>Makers of accelerators and of nothing else that pods ask for, whose names need not say so: <c>rebellions.ai/ATOM</c>, <c>vastaitech.com/va</c>.</summary>
    private static readonly string[] Makers =
    [
        "alibabacloud.com/ppu", "birentech.com/", "cambricon.com/", "enflame.com/", "furiosa.ai/", "hygon.com/", "iluvatar.", "kunlunxin.com/", "metax-tech.com/", "mthreads.com/",
        "rebellions.ai/", "tenstorrent.com/", "vastaitech.com/",
    ];

    /// <summary>What counts a part of accelerators, or watches them: <c>aws.amazon.com/neuroncore</c>, <c>gpu.intel.com/millicores</c>, <c>cambricon.com/mlu.smlu.vmemory</c>.</summary>
    private static readonly string[] Measures = ["mem", "core", "percent", "tiles", "monitoring", "priority", "device"];

    /// <summary>Here a resource by an unknown name may be a part of a GPU (<c>nvidia.com/gpucores</c>) or a network device (<c>nvidia.com/hostdev</c>).</summary>
    private static readonly string[] Vendors = ["nvidia.com/", "amd.com/", "intel.com/", "deviceclass.resource.kubernetes.io/"];

    public static bool IsGpu(string resource) =>
        Names.Contains(resource, StringComparer.Ordinal) || resource.StartsWith(MigPrefix, StringComparison.Ordinal) || IsAmdPartition(resource) || PassedThrough.IsNamed(resource);

    /// <summary>The GPUs of a node have a pool under this name.</summary>
    public static bool HasPool(string resource) => IsGpu(resource) || Shown.Contains(resource, StringComparer.Ordinal);

    /// <summary>A whole GPU, and no slice, partition or share of one.</summary>
    public static bool IsWhole(string resource) => resource is Nvidia or Amd or Gaudi || resource.StartsWith("gpu.intel.com/", StringComparison.Ordinal);

    /// <summary>Where partitions are mixed, AMD's device plugin names each after its compute and its memory mode: <c>amd.com/cpx_nps4</c>.</summary>
    private static bool IsAmdPartition(string resource) =>
        resource.StartsWith("amd.com/", StringComparison.Ordinal) && resource.AsSpan("amd.com/".Length) is { Length: 8 } modes
        && modes[..3] is "spx" or "dpx" or "tpx" or "qpx" or "cpx" && modes[3..7] is "_nps" && char.IsAsciiDigit(modes[7]);

    /// <summary>Whole accelerators of another kind, which have a pool to be seen in, though nobody here knows their memory.</summary>
    /// <param name="resource">What a node offers.</param>
    /// <param name="besideKnown">The node also offers GPUs by a name that is known: then only what comes from a maker of accelerators is another.</param>
    public static bool IsOther(string resource, bool besideKnown) =>
        !HasPool(resource) && (besideKnown ? IsOfMaker(resource) : IsUnknownGpu(resource, besideKnown: true) && !Pods.GpuShare.IsPart(resource))
        && !Array.Exists(Measures, measure => resource.AsSpan(resource.IndexOf('/') + 1).Contains(measure, StringComparison.OrdinalIgnoreCase));

    /// <summary>An accelerator of another kind, or a part of one: nobody here knows its memory.</summary>
    /// <param name="besideKnown">The pod also asks for a GPU by a name that is known: what has no word for an accelerator in its name is then no GPU.</param>
    public static bool IsUnknownGpu(string resource, bool besideKnown) =>
        resource.Contains('/') && !IsGpu(resource)
        && (NamesAccelerator(resource) || IsOfMaker(resource)
            || (!besideKnown && Array.Exists(Vendors, vendor => resource.StartsWith(vendor, StringComparison.Ordinal))));

    /// <summary>A word in it is what accelerators are called.</summary>
    /// <param name="name">Of a resource, or of a driver.</param>
    internal static bool NamesAccelerator(string name) => name.Contains("gpu", StringComparison.OrdinalIgnoreCase) || Array.Exists(Words, word => HasWord(name, word));

    private static bool IsOfMaker(string resource) => Array.Exists(Makers, maker => resource.StartsWith(maker, StringComparison.OrdinalIgnoreCase));

    /// <summary>At the beginning of a part, a <c>v</c> for virtual before it or not: an <c>output</c> is no TPU, and an <c>input</c> no NPU.</summary>
    private static bool HasWord(string resource, string word)
    {
        for (var at = resource.IndexOf(word, StringComparison.OrdinalIgnoreCase); at >= 0; at = resource.IndexOf(word, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            var before = at > 0 && resource[at - 1] is 'v' or 'V' ? at - 1 : at;
            if (before == 0 || !char.IsAsciiLetter(resource[before - 1]))
                return true;
        }
        return false;
    }
}
