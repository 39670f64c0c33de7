using System.Text.Json;
using GpuMem.Catalogues.Models;

namespace GpuMem.Catalogues.Tests.Models;

/// <summary>The built-in configurations as published, for comparison with what is counted.</summary>
internal static class ConfigsFile
{
    public static IReadOnlyList<ConfigLine> Entries { get; } = [.. Lines().Where(line => line.Value.TryGetProperty("config", out _)).Select(Entry)];

    /// <summary>Ids and the ids whose dimensions they share.</summary>
    public static IReadOnlyDictionary<string, string> SameAs { get; } =
        Lines().Where(line => line.Value.TryGetProperty("as", out _)).ToDictionary(line => line.Name, line => line.Value.GetProperty("as").GetString()!);

    private static JsonElement.ObjectEnumerator Lines()
    {
        using var stream = typeof(ModelCatalogue).Assembly.GetManifestResourceStream("configs.json")!;
        return JsonDocument.Parse(stream).RootElement.EnumerateObject();
    }

    private static ConfigLine Entry(JsonProperty line) =>
        new(line.Name, line.Value.GetProperty("parameters").GetInt64(), line.Value.GetProperty("source").GetString()!, line.Value.GetProperty("config"));
}

/// <param name="Published">Parameters as the model's owner counts them, with or without modules that predict further tokens.</param>
/// <param name="Source">Where the configuration and the number are from.</param>
internal sealed record ConfigLine(string Id, long Published, string Source, JsonElement Config);
