using System.Text.Json;
using GpuMem.Catalogues.Gpus;
using GpuMem.Estimation;

namespace GpuMem.Api.Nodes.Capacity;

/// <summary>
/// The annotation in which HAMi and Volcano's vGPU plugin list the cards of a node. The node offers each card many times (ten by default:
/// <c>deviceSplitCount</c>), so its allocatable amount counts no GPUs; a pod gets different cards, so there are as many as are listed. Written as
/// JSON, before that as fields between commas and cards between colons (Project-HAMi/HAMi, pkg/device/devices.go).
/// </summary>
internal static class DeviceRegister
{
    private const string HamiKey = "hami.io/node-nvidia-register";

    private const string VolcanoKey = "volcano.sh/node-vgpu-register";

    private const int MostCards = 1024;

    /// <summary>No card that a plugin divides has less: what is listed as less is counted in pieces.</summary>
    private const long SmallestCardMiB = 4096;

    public static GpuFact? Read(NodeStatement node, GpuResource resource)
    {
        if (Key(node, resource) is not { } key)
            return null;
        List<Card> cards = [.. Cards(node.Annotation(key)!)];
        if (cards.Count is 0 or > MostCards)
            return GpuFact.Doubt(MemorySource.Unknown, null, $"{key}: no cards can be read of it");
        var kinds = cards.Select(card => (card.Type, card.MiB)).Distinct().ToList();
        if (kinds.Count > 1)
            return GpuFact.Doubt(MemorySource.Unknown, null, $"{key}: two kinds of GPU in one node, {kinds[0].Type} and {kinds[1].Type}") with { Gpus = cards.Count };
        if (cards.Exists(card => card.IsMig))
            return GpuFact.Doubt(MemorySource.Unknown, cards[0].Type, $"{key}: the GPUs are cut into MIG slices as pods ask for them") with { Gpus = cards.Count };
        var product = Product(cards[0].Type);
        GpuCatalogue.TryFind(product, out var model);
        var listed = cards[0].MiB;
        var pieces = key == VolcanoKey ? Pieces(listed, model?.ReportedMiB) : 1;
        if (pieces is null)
            return GpuFact.Doubt(MemorySource.Unknown, product, $"{key}: {product} is listed with {listed}, which may be pieces of more than a MiB (--gpu-memory-factor)") with { Gpus = cards.Count };
        if (GpuMemoryLabel.TryReadMiB($"{(pieces > 1 ? model!.ReportedMiB : listed)}", out var reason) is not { } mib)
            return GpuFact.Doubt(MemorySource.Unknown, product, $"{key}: {reason}") with { Gpus = cards.Count };
        var usable = GpuCatalogue.UsableMemory(product, mib);
        return new GpuFact
        {
            Source = MemorySource.DeviceRegister,
            Product = product,
            Model = model,
            Usable = model is null ? usable : Bytes.Min(usable, model.UsableMemory),
            // Told to promise more than there is (deviceMemoryScaling), it lists what it promises, and lends of the host's memory; cards that were given more memory list more, too.
            Most = mib > model?.ReportedMiB ? Bytes.FromMiB(mib) : null,
            Gpus = cards.Count,
            ShareUnitMiB = pieces > 1 ? pieces.Value : UnitMiB(node.Has(resource.Name == GpuResources.Volcano ? "volcano.sh/vgpu-memory" : "nvidia.com/gpumem"), cards.Sum(card => Math.Min(card.MiB, 1L << 24))),
        };
    }

    /// <summary>Both plugins can be told to call what they offer otherwise, <c>nvidia.com/vgpu</c>.</summary>
    private static string? Key(NodeStatement node, GpuResource resource)
    {
        string[] keys = resource.Vendor switch
        {
            GpuVendor.Amd when resource.AmdPartition is null => ["hami.io/node-amd-register"],
            GpuVendor.Nvidia when resource.Name == GpuResources.Volcano => [VolcanoKey],
            GpuVendor.Nvidia when resource.Name == GpuResources.Nvidia => [HamiKey],
            GpuVendor.Nvidia when !resource.IsDivided && resource.MigProfile is null && !FeatureDiscovery.Describes(node, resource) => [HamiKey, VolcanoKey],
            _ => [],
        };
        return Array.Find(keys, key => node.Annotation(key) is not null);
    }

    /// <summary>
    /// MiB that one of what Volcano's plugin lists stands for: since its release 1.9.4 it lists cards in the pieces of <c>--gpu-memory-factor</c>
    /// (Project-HAMi/volcano-vgpu-device-plugin, pkg/plugin/register.go), 7447 of a card of 81920 MiB. Null where the card is not known and so little was listed.
    /// </summary>
    private static int? Pieces(long listed, long? usual) =>
        usual is { } mib ? listed > 0 ? (int)Math.Clamp(Math.Round((decimal)mib / listed), 1, 1 << 20) : 1
        : listed is > 0 and < SmallestCardMiB ? null : 1;

    /// <summary>
    /// Before that, and in HAMi (<c>memoryFactor</c>), it offers memory in larger pieces than MiB, for the kubelet takes no more than some sixty thousand of a
    /// resource, and lists the cards in MiB all the same. More offered than there is stands for no piece: that is promised.
    /// </summary>
    private static int UnitMiB(long offered, long listed) => offered > 0 ? (int)Math.Clamp(Math.Round((decimal)listed / offered), 1, 1 << 20) : 1;

    private static IEnumerable<Card> Cards(string text)
    {
        if (text.StartsWith('['))
            return Json(text);
        return text.Split(':', StringSplitOptions.RemoveEmptyEntries).Select(card => card.Split(',')).Where(fields => fields.Length >= 5).Select(fields => new Card(
            // HAMi has a field for cores before the type, Volcano has none.
            Type: fields[NodeStatement.Number(fields[3], out _) ? 4 : 3],
            MiB: NodeStatement.Number(fields[2], out var mib) ? mib : 0,
            IsMig: fields[^1] == "mig"));
    }

    private static List<Card> Json(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return [.. document.RootElement.EnumerateArray().Where(card => card.ValueKind == JsonValueKind.Object).Select(card => new Card(
                Type: Text(card, "type"),
                MiB: card.TryGetProperty("devmem", out var memory) && memory.ValueKind == JsonValueKind.Number && memory.TryGetInt64(out var mib) ? mib : 0,
                IsMig: Text(card, "mode") == "mig"))];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static string Text(JsonElement card, string member) => card.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    /// <summary>NVML's name behind the vendor's: <c>NVIDIA-NVIDIA A100-PCIE-40GB</c>, <c>NVIDIA-Tesla V100-PCIE-32GB</c>.</summary>
    private static string Product(string type)
    {
        const string vendor = "NVIDIA-";
        return type.StartsWith(vendor, StringComparison.Ordinal) && (type.StartsWith("NVIDIA-NVIDIA", StringComparison.Ordinal) || !GpuCatalogue.TryFind(type, out _)) ? type[vendor.Length..] : type;
    }

    private readonly record struct Card(string Type, long MiB, bool IsMig);
}
