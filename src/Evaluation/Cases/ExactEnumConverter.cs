using System.Text.Json;
using System.Text.Json.Serialization;

namespace GpuMem.Evaluation.Cases;

/// <summary>Enum values by their exact name: case counts, numbers are not accepted.</summary>
internal sealed class ExactEnumConverter<T> : JsonConverter<T>
    where T : struct, Enum
{
    private static readonly Dictionary<string, T> ByName = Enum.GetValues<T>().ToDictionary(NameOf, StringComparer.Ordinal);

    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String && ByName.TryGetValue(reader.GetString()!, out var value))
            return value;
        throw new JsonException($"the value is not known; use {string.Join(", ", ByName.Keys)}");
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(NameOf(value));

    /// <summary>Components are written as in logs, with underscores; all other values as their members.</summary>
    private static string NameOf(T value) =>
        value is CaseComponent ? JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()) : value.ToString();
}
