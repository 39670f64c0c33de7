namespace GpuMem.Kubernetes.Serialization;

/// <summary>Reads a port, a count or a percentage. KubernetesClient's own converter ends in a NotSupportedException where there is something else.</summary>
internal sealed class IntOrStringGuard : JsonConverter<IntOrString>
{
    private static readonly IntOrStringJsonConverter Theirs = new();

    public override IntOrString Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType switch
        {
            JsonTokenType.Number when reader.TryGetInt32(out int value) => value,
            JsonTokenType.String => reader.GetString(),
            _ => throw new JsonException($"expected a whole number of at most {int.MaxValue:N0}, or a word"),
        };

    public override void Write(Utf8JsonWriter writer, IntOrString value, JsonSerializerOptions options) => Theirs.Write(writer, value, options);
}
