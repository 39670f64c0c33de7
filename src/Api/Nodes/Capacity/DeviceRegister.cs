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
    private const string VolcanoMemory = "volcano.sh/vgpu-memory";

    private const string VolcanoCores = "volcano.sh/vgpu-cores";

    private const string HamiMemory = "nvidia.com/gpumem";

    private const int MostCards = 1024;

    public static GpuFact? Read(NodeStatement node, GpuResource resource)
    {
        var key = resource.Name switch
        {
            GpuResources.Nvidia => "hami.io/node-nvidia-register",
            GpuResources.Volcano => "volcano.sh/node-vgpu-register",
            _ => null,
        };
        if (key is null)
            return null;
        if (node.Annotation(key) is not { } text)
            return resource.Name == GpuResources.Volcano ? Totals(node) : null;
        List<Card> cards = [.. Cards(text)];
        if (cards.Count is 0 or > MostCards)
            return GpuFact.Doubt(MemorySource.Unknown, null, $"{key}: no cards can be read of it");
        var kinds = cards.Select(card => (card.Type, card.MiB)).Distinct().ToList();
        if (kinds.Count > 1)
            return GpuFact.Doubt(MemorySource.Unknown, null, $"{key}: two kinds of GPU in one node, {kinds[0].Type} and {kinds[1].Type}") with { Gpus = cards.Count };
        if (cards.Exists(card => card.IsMig))
            return GpuFact.Doubt(MemorySource.Unknown, cards[0].Type, $"{key}: the GPUs are cut into MIG slices as pods ask for them") with { Gpus = cards.Count };
        var product = Product(cards[0].Type);
        GpuCatalogue.TryFind(product, out var model);
        if (GpuMemoryLabel.TryReadMiB($"{cards[0].MiB}", out var reason) is not { } mib)
            return GpuFact.Doubt(MemorySource.Unknown, product, $"{key}: {reason}") with { Gpus = cards.Count };
        // Told to promise more than there is (deviceMemoryScaling), it lists what it promises.
        var usable = GpuCatalogue.UsableMemory(product, mib);
        return new GpuFact
        {
            Source = MemorySource.DeviceRegister,
            Product = product,
            Model = model,
            Usable = model is null ? usable : Bytes.Min(usable, model.UsableMemory),
            Most = CardMemory.WithoutEcc(model, mib),
            Gpus = cards.Count,
            ShareUnitMiB = UnitMiB(node.Has(resource.Name == GpuResources.Volcano ? VolcanoMemory : HamiMemory), cards.Sum(card => Math.Min(card.MiB, 1L << 24))),
        };
    }

    /// <summary>
    /// Told to (<c>--gpu-memory-factor</c>, <c>memoryFactor</c>: the kubelet takes no more than some sixty thousand of a resource), the plugin offers memory in
    /// larger pieces than MiB, and pods ask for it in those; it lists the cards in MiB all the same (Project-HAMi/volcano-vgpu-device-plugin,
    /// pkg/plugin/vgpu/register.go). More offered than there is stands for no piece: that is promised.
    /// </summary>
    private static int UnitMiB(long offered, long listed) => offered > 0 ? (int)Math.Clamp(Math.Round((decimal)listed / offered), 1, 1 << 20) : 1;

    /// <summary>Without the annotation: a card has a hundred cores (percent), and the node offers the MB of all cards together.</summary>
    private static GpuFact Totals(NodeStatement node)
    {
        var (memory, cores) = (node.Has(VolcanoMemory), node.Has(VolcanoCores));
        var cards = cores % 100 == 0 ? cores / 100 : 0;
        return cards is > 0 and <= MostCards && GpuMemoryLabel.TryReadMiB($"{memory / cards}", out _) is { } mib
            ? new GpuFact
            {
                Source = MemorySource.DeviceRegister,
                Usable = GpuCatalogue.UsableMemory(null, mib),
                Most = Bytes.FromMiB(mib),
                Gpus = (int)cards,
                Complaint = $"volcano.sh/node-vgpu-register is missing; taken from {VolcanoMemory} and {VolcanoCores}",
            }
            : GpuFact.Doubt(MemorySource.Unknown, null, "volcano.sh/node-vgpu-register is missing: how large the cards are is not known");
    }

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
