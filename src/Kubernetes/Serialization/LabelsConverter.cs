namespace GpuMem.Kubernetes.Serialization;

/// <summary>Labels, whose keys and values repeat across the objects of a cluster.</summary>
/// <param name="only">The labels to read, one that ends with <c>*</c> for all that begin so; all when none is named.</param>
public sealed class LabelsConverter(params string[] only) : ReadOnlyConverter<IDictionary<string, string>>
{
    private readonly byte[][] _beginnings = [.. only.Where(label => label.EndsWith('*')).Select(label => System.Text.Encoding.UTF8.GetBytes(label[..^1]))];

    public override IDictionary<string, string>? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("expected an object of strings");
        Dictionary<string, string> labels = new(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (only.Length > 0 && !IsWanted(ref reader))
            {
                reader.Read();
                reader.Skip();
                continue;
            }

            string key = StringPool.Shared.Read(ref reader);
            reader.Read();
            labels[key] = reader.TokenType switch
            {
                JsonTokenType.String => StringPool.Shared.Read(ref reader),
                // As the API server reads it.
                JsonTokenType.Null => "",
                _ => throw new JsonException($"label '{key}' is not a string"),
            };
        }

        return labels;
    }

    private bool IsWanted(ref Utf8JsonReader key)
    {
        foreach (string label in only)
        {
            if (key.ValueTextEquals(label))
                return true;
        }

        foreach (byte[] beginning in _beginnings)
        {
            if (key is { HasValueSequence: false, ValueIsEscaped: false } ? key.ValueSpan.StartsWith(beginning) : System.Text.Encoding.UTF8.GetBytes(key.GetString()!).AsSpan().StartsWith(beginning))
                return true;
        }

        return false;
    }
}
