using System.Text.Json;
using GpuMem.Catalogues.Models;
using GpuMem.Estimation.Models;

namespace GpuMem.Catalogues.Tests.Models;

/// <summary>The catalogue as published, for comparison with what is counted.</summary>
internal static class CatalogueFile
{
    public static IEnumerable<CatalogueLine> Entries()
    {
        using var stream = typeof(ModelCatalogue).Assembly.GetManifestResourceStream("models.json")!;
        using var document = JsonDocument.Parse(stream);
        foreach (var entry in document.RootElement.EnumerateArray())
        {
            yield return new CatalogueLine(
                entry.GetProperty("hf_id").GetString()!,
                Number(entry, "expected_params"),
                Number(entry, "computed_params")!.Value,
                Number(entry, "expected_active_params") ?? Number(entry, "active_params")!.Value,
                Number(entry, "mtp_params_computed") ?? 0);
        }
    }

    private static long? Number(JsonElement entry, string name) =>
        entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : null;
}

/// <param name="Published">Parameters as the model's owner counts them; null when no exact number was found.</param>
/// <param name="Counted">Parameters that follow from the published dimensions.</param>
internal sealed record CatalogueLine(string Id, long? Published, long Counted, long Active, long Prediction);
