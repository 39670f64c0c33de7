using System.Text.Json;

namespace GpuMem.Catalogues.Models;

/// <summary>The built-in models, indexed by every name under which they are found.</summary>
internal sealed class CatalogueContents
{
    private const string Storage = "quantization_config";

    public required IReadOnlyList<ModelArchitecture> Models { get; init; }

    public required IReadOnlyDictionary<string, ModelArchitecture> ByKey { get; init; }

    public static CatalogueContents Load()
    {
        using var document = JsonDocument.Parse(BuiltIn.Open("models.json"));
        var models = new List<ModelArchitecture>();
        var byKey = new Dictionary<string, ModelArchitecture>();
        foreach (var entry in document.RootElement.EnumerateArray())
        {
            string[] names = [entry.GetProperty("hf_id").GetString()!, entry.GetProperty("name").GetString()!];
            var model = CatalogueEntry.Read(new ConfigFields(entry.GetProperty("config"), names[0]), names[0], entry.GetProperty("model_type").GetString()!) with
            {
                ContextLength = new ConfigFields(entry, names[0]).Number("context_length_litgpt_block_size") ?? 0,
            };
            if (new ConfigFields(entry, names[0]).Nested(Storage) is { } storage)
                model = CheckpointConfig.Read(model, storage, Storage, entry.GetProperty("model_type").GetString());
            models.Add(model);
            foreach (var key in names.SelectMany(ModelName.Keys))
                byKey.TryAdd(key, model);
        }

        return new CatalogueContents { Models = models, ByKey = byKey };
    }
}
