using System.Text.Json;

namespace GpuMem.Catalogues.Models;

/// <summary>
/// The models of <c>configs.json</c>: what their <c>config.json</c> says of sizes, by Hugging Face id, one in a line. An entry without a
/// configuration names another (<c>as</c>), whose dimensions it shares.
/// </summary>
/// <remarks>Names are read at once, a configuration when its model is asked for.</remarks>
internal sealed class PublishedConfigs
{
    public required IReadOnlyList<BuiltInModel> Models { get; init; }

    /// <summary>Ids and the ids whose dimensions they share.</summary>
    public required IReadOnlyDictionary<string, string> SameAs { get; init; }

    public static PublishedConfigs Load()
    {
        ReadOnlyMemory<byte> file = BuiltIn.Bytes("configs.json");
        var models = new List<BuiltInModel>();
        var sameAs = new Dictionary<string, string>();
        var reader = new Utf8JsonReader(file.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var id = reader.GetString()!;
            reader.Read();
            reader.Read();
            if (reader.ValueTextEquals("as"u8))
            {
                reader.Read();
                sameAs.Add(id, reader.GetString()!);
                reader.Read();
                continue;
            }

            while (!reader.ValueTextEquals("config"u8))
            {
                reader.Read();
                reader.Skip();
                reader.Read();
            }

            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            var config = file[start..(int)reader.BytesConsumed];
            models.Add(new BuiltInModel(id, () => HuggingFaceConfig.Parse(config, id)));
            reader.Read();
        }

        return new PublishedConfigs { Models = models, SameAs = sameAs };
    }
}
