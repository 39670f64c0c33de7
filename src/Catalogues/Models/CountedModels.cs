using System.Text.Json;

namespace GpuMem.Catalogues.Models;

/// <summary>The models of <c>models.json</c>, whose fields have one name whatever the model type.</summary>
internal static class CountedModels
{
    private const string File = "models.json";
    private const string Storage = "quantization_config";

    public static IReadOnlyList<BuiltInModel> Load()
    {
        var models = new List<BuiltInModel>();
        var reader = new Utf8JsonReader(BuiltIn.Bytes(File));
        reader.Read();
        while (true)
        {
            var names = reader;
            if (!names.Read() || names.TokenType != JsonTokenType.StartObject)
                return models;
            var (id, name) = Names(ref names);
            models.Add(new BuiltInModel(id, BuiltInJson.Next(File, ref reader), Read) { OtherName = name });
        }
    }

    private static (string Id, string Name) Names(ref Utf8JsonReader reader)
    {
        var (id, name) = ("", "");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isId, isName) = (reader.ValueTextEquals("hf_id"u8), reader.ValueTextEquals("name"u8));
            reader.Read();
            if (isId)
                id = reader.GetString()!;
            else if (isName)
                name = reader.GetString()!;
            else
                reader.Skip();
        }

        return (id, name);
    }

    private static ModelArchitecture Read(BuiltInJson json, string id)
    {
        var entry = json.Read();
        var (fields, type) = (new ConfigFields(entry, id), entry.GetProperty("model_type").GetString()!);
        var model = CatalogueEntry.Read(new ConfigFields(entry.GetProperty("config"), id), id, type) with
        {
            ContextLength = fields.Number("max_position_embeddings", "context_length_litgpt_block_size") ?? 0,
        };
        return fields.Nested(Storage) is { } storage ? CheckpointConfig.Read(model, storage, Storage, type) : model;
    }
}
