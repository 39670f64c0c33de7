namespace GpuMem.Kubernetes.Serialization;

/// <summary>For members whose values repeat across the objects of a cluster.</summary>
public sealed class PooledStringConverter : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? StringPool.Shared.Read(ref reader) : throw new JsonException("expected a string");

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
