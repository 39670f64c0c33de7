using System.Text.RegularExpressions;
using GpuMem.Catalogues.Gpus;
using GpuMem.Estimation;

namespace GpuMem.Api.Nodes.Capacity;

/// <summary>
/// GPUs that go to virtual machines whole, or as a vGPU: those of Kata Containers and KubeVirt. Their resource has the chip and the card of the PCI id database in its
/// name, <c>nvidia.com/GA102GL_A10</c>, or the profile of the vGPU, <c>nvidia.com/NVIDIA_A10-24Q</c> (NVIDIA/kubevirt-gpu-device-plugin, docs; NVIDIA/gpu-operator,
/// "GPU Operator with KubeVirt").
/// </summary>
internal static partial class PassedThrough
{
    private const string Vendor = "nvidia.com/";

    /// <summary>The resource is named after a card.</summary>
    public static bool IsNamed(string resource) =>
        resource.Length > Vendor.Length && char.IsAsciiLetterUpper(resource[Vendor.Length]) && resource.StartsWith(Vendor, StringComparison.Ordinal)
        && (Card().IsMatch(resource) || Profile().IsMatch(resource));

    public static GpuFact? Read(NodeStatement node, GpuResource resource)
    {
        if (!IsNamed(resource.Name))
            return null;
        if (Profile().Match(resource.Name) is { Success: true } part && long.TryParse(part.Groups["gb"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture, out var gib) && gib is > 0 and <= 512)
            // The guest sees a little less than the profile says.
            return new GpuFact { Source = MemorySource.AcceleratorName, Product = resource.Name[Vendor.Length..], Usable = GpuCatalogue.UsableMemory(null, gib * 1024), Most = Bytes.FromMiB(gib * 1024) };
        var card = Card().Match(resource.Name).Groups["card"].Value;
        return GpuCatalogue.TryFindCloudName(Called(card), null, out var model)
            ? new GpuFact { Source = MemorySource.AcceleratorName, Product = model.NodeName, Model = model, Usable = model.UsableMemory }
            : GpuFact.Doubt(MemorySource.Unknown, card, $"{resource.Name}: '{card}' does not tell the memory of a GPU");
    }

    /// <summary>As people call it: the database has the socket in the name, and an H100 NVL as <c>H100L</c>.</summary>
    private static string Called(string card) => string.Join(' ', card.Split('_', StringSplitOptions.RemoveEmptyEntries)
        .Where(word => !word.Equals("Tesla", StringComparison.OrdinalIgnoreCase) && !word.Equals("PCIe", StringComparison.OrdinalIgnoreCase) && !word.StartsWith("SXM", StringComparison.OrdinalIgnoreCase))
        .Select(word => word.Equals("H100L", StringComparison.OrdinalIgnoreCase) ? "H100 NVL" : word));

    [GeneratedRegex("^nvidia\\.com/(G[A-Z]|AD|TU)[0-9]{2,3}[A-Z]{0,3}_(?<card>.+)$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Card();

    [GeneratedRegex("^nvidia\\.com/(NVIDIA|GRID)_[A-Za-z0-9_]+-([0-9]-)?(?<gb>[0-9]{1,3})[ABCQ]$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Profile();
}
