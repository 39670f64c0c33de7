using System.Text.Json;

namespace GpuMem.Catalogues.Models;

/// <summary>The models of <c>models.json</c>, whose fields have one name whatever the model type.</summary>
internal static class CountedModels
{
    private const string Storage = "quantization_config";

    public static IReadOnlyList<BuiltInModel> Load() =>
        [.. JsonDocument.Parse(BuiltIn.Open("models.json")).RootElement.EnumerateArray().Select(Entry)];

    private static BuiltInModel Entry(JsonElement entry)
    {
        var id = entry.GetProperty("hf_id").GetString()!;
        return new BuiltInModel(id, () => Read(entry, id)) { OtherName = entry.GetProperty("name").GetString() };
    }

    private static ModelArchitecture Read(JsonElement entry, string id)
    {
        var (fields, type) = (new ConfigFields(entry, id), entry.GetProperty("model_type").GetString()!);
        var model = CatalogueEntry.Read(new ConfigFields(entry.GetProperty("config"), id), id, type) with
        {
            ContextLength = fields.Number("context_length_litgpt_block_size") ?? 0,
        };
        return fields.Nested(Storage) is { } storage ? CheckpointConfig.Read(model, storage, Storage, type) : model;
    }
}
