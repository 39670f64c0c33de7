using System.Text.Json;

namespace GpuMem.Catalogues.Models;

/// <summary>
/// The models of <c>configs.json</c>: what their <c>config.json</c> says of sizes, by Hugging Face id, one in a line. An entry without a
/// configuration names another (<c>as</c>), whose dimensions it shares.
/// </summary>
/// <remarks>Names are read at once, a configuration when its model is asked for.</remarks>
internal sealed class PublishedConfigs
{
    private const string File = "configs.json";

    public required IReadOnlyList<BuiltInModel> Models { get; init; }

    /// <summary>Ids and the ids whose dimensions they share.</summary>
    public required IReadOnlyDictionary<string, string> SameAs { get; init; }

    public static PublishedConfigs Load()
    {
        var models = new List<BuiltInModel>();
        var sameAs = new Dictionary<string, string>();
        var reader = new Utf8JsonReader(BuiltIn.Bytes(File));
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var id = reader.GetString()!;
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("as"u8))
                {
                    reader.Read();
                    sameAs.Add(id, reader.GetString()!);
                }
                else if (reader.ValueTextEquals("config"u8))
                    models.Add(new BuiltInModel(id, BuiltInJson.Next(File, ref reader), Read));
                else
                    reader.Skip();
            }
        }

        return new PublishedConfigs { Models = models, SameAs = sameAs };
    }

    private static ModelArchitecture Read(BuiltInJson config, string id) => HuggingFaceConfig.Parse(config.Bytes.ToArray(), id);
}
