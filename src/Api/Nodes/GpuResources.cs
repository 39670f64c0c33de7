namespace GpuMem.Api.Nodes;

/// <summary>The extended resources under which GPUs are requested: those whose size is known, and those that only look like an accelerator.</summary>
public static class GpuResources
{
    public const string Nvidia = "nvidia.com/gpu";

    /// <summary>One resource for each kind of slice where MIG layouts are mixed: <c>nvidia.com/mig-1g.10gb</c>.</summary>
    public const string MigPrefix = "nvidia.com/mig-";

    private static readonly string[] Names = [Nvidia, "nvidia.com/gpu.shared", "amd.com/gpu"];

    /// <summary>
    /// What accelerators call themselves: <c>gpu.intel.com/xe</c>, <c>nvidia.com/gpumem</c> (HAMi), <c>volcano.sh/vgpu-memory</c>,
    /// <c>deviceclass.resource.kubernetes.io/gpu.nvidia.com</c>, <c>habana.ai/gaudi</c>, <c>aws.amazon.com/neuron</c>, <c>google.com/tpu</c>, <c>huawei.com/Ascend910</c>.
    /// </summary>
    private static readonly string[] Words =
        ["gaudi", "neuron", "tpu", "npu", "xpu", "dcu", "mlu", "gcu", "ipu", "qaic", "ascend", "cuda", "accelerator", "tenstorrent"];

    /// <summary>Here a resource by an unknown name may be a part of a GPU (<c>amd.com/cpx_nps4</c>) or a network device (<c>nvidia.com/hostdev</c>).</summary>
    private static readonly string[] Vendors = ["nvidia.com/", "amd.com/", "intel.com/", "deviceclass.resource.kubernetes.io/"];

    public static bool IsGpu(string resource) =>
        Names.Contains(resource, StringComparer.Ordinal) || resource.StartsWith(MigPrefix, StringComparison.Ordinal);

    /// <summary>An accelerator of another kind, or a part of one: nobody here knows its memory.</summary>
    /// <param name="besideKnown">The pod also asks for a GPU by a name that is known: what has no word for an accelerator in its name is then no GPU.</param>
    public static bool IsUnknownGpu(string resource, bool besideKnown) =>
        resource.Contains('/') && !IsGpu(resource)
        && (resource.Contains("gpu", StringComparison.OrdinalIgnoreCase) || Array.Exists(Words, word => HasWord(resource, word))
            || (!besideKnown && Array.Exists(Vendors, vendor => resource.StartsWith(vendor, StringComparison.Ordinal))));

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

    /// <summary>The GPU resource a node offers, and how many; null when it offers none and is not labelled as having any.</summary>
    public static (string Name, long Count)? OfNode(V1Node node)
    {
        foreach (var resources in new[] { node.Status?.Allocatable, node.Status?.Capacity })
            foreach (var (name, quantity) in resources ?? new Dictionary<string, ResourceQuantity>())
                if (IsGpu(name) && quantity.Value() > 0)
                    return (name, quantity.Value());
        return node.GetLabel("nvidia.com/gpu.count") is { Length: > 0 } ? (Nvidia, 0) : null;
    }
}
