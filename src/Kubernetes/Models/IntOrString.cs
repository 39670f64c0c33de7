using System.Text.Json;
using System.Text.Json.Serialization;

namespace GpuMem.Kubernetes.Models;

/// <summary>A port number or a port name, a count or a percentage.</summary>
[JsonConverter(typeof(IntOrStringConverter))]
public readonly record struct IntOrString
{
    public IntOrString(int value) => Int = value;

    public IntOrString(string value) => Text = value;

    public int? Int { get; }

    public string? Text { get; }

    public static implicit operator IntOrString(int value) => new(value);

    public static implicit operator IntOrString(string value) => new(value);

    public override string ToString() => Text ?? Int.GetValueOrDefault().ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>Reads and writes either form.</summary>
public sealed class IntOrStringConverter : JsonConverter<IntOrString>
{
    public override IntOrString Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType switch
        {
            JsonTokenType.Number when reader.TryGetInt32(out int value) => value,
            JsonTokenType.String => reader.GetString()!,
            _ => throw new JsonException("expected a 32-bit integer or a string"),
        };

    public override void Write(Utf8JsonWriter writer, IntOrString value, JsonSerializerOptions options)
    {
        if (value.Text is { } text)
            writer.WriteStringValue(text);
        else
            writer.WriteNumberValue(value.Int.GetValueOrDefault());
    }
}
