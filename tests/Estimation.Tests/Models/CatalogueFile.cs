using System.Text.Json;
using GpuMem.Estimation.Models;

namespace GpuMem.Estimation.Tests.Models;

/// <summary>The catalogue as published, for comparison with what is counted.</summary>
internal static class CatalogueFile
{
    public static IEnumerable<(string Id, bool IsDenseDecoder, long? Published)> Entries()
    {
        using var stream = typeof(ModelCatalogue).Assembly.GetManifestResourceStream("models.json")!;
        using var document = JsonDocument.Parse(stream);
        foreach (var entry in document.RootElement.EnumerateArray())
        {
            var config = entry.GetProperty("config");
            var isDense = entry.GetProperty("arch").GetString() == "decoder"
                && !config.TryGetProperty("num_experts", out _)
                && !config.TryGetProperty("kv_lora_rank", out _);
            var published = entry.GetProperty("expected_params") is { ValueKind: JsonValueKind.Number } number ? number.GetInt64() : (long?)null;
            yield return (entry.GetProperty("hf_id").GetString()!, isDense, published);
        }
    }
}
