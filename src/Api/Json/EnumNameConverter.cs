using System.Text.Json;
using System.Text.Json.Serialization;

namespace GpuMem.Api.Json;

/// <summary>An enum as its exact name. A name that is not one is an error that lists those that are.</summary>
internal sealed class EnumNameConverter<T> : JsonConverter<T?>
    where T : struct, Enum
{
    public override T? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return null;
        var text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        foreach (var name in Enum.GetNames<T>())
            if (name == text)
                return Enum.Parse<T>(name);
        // YAML 1.1, which kubectl reads, takes the plain words Off, On, Yes and No for booleans.
        var quotes = reader.TokenType is JsonTokenType.True or JsonTokenType.False ? " in quotes" : "";
        throw new JsonException($"{Shown(text)} is not one of {string.Join(", ", Enum.GetNames<T>())}{quotes}");
    }

    public override void Write(Utf8JsonWriter writer, T? value, JsonSerializerOptions options)
    {
        if (value is { } name)
            writer.WriteStringValue(name.ToString());
        else
            writer.WriteNullValue();
    }

    private static string Shown(string? text) => text is null ? "this value" : text.Length <= 40 ? $"'{text}'" : $"'{text[..40]}…'";
}
