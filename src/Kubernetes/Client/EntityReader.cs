namespace GpuMem.Kubernetes.Client;

/// <summary>
/// Reads one object of a list or a watch, and moves past it in any case: what is stored in a cluster may predate or postdate our
/// model, and one such object must not hide all the others.
/// </summary>
internal sealed class EntityReader<T>(JsonTypeInfo<T> type)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <exception cref="JsonException">It is not JSON, so nobody knows where it ends.</exception>
    internal ReadEntity<T> Read(ref Utf8JsonReader reader)
    {
        Utf8JsonReader start = reader;
        try
        {
            T? entity = JsonSerializer.Deserialize(ref reader, type);
            return entity is { Metadata: not null } ? new ReadEntity<T>(entity, null) : Unreadable(ref start, "it has no metadata");
        }
        catch (Exception mismatch) when (IsMismatch(mismatch))
        {
            reader = start;
            // The deserializer takes care that a value to convert is there to its end.
            if (!reader.TrySkip())
                throw;
            return Unreadable(ref start, mismatch.Message);
        }
    }

    /// <summary>The same of an object that is gone: then metadata alone will do, for it says which one to forget.</summary>
    internal ReadEntity<T> ReadDeleted(ref Utf8JsonReader reader)
    {
        Utf8JsonReader start = reader;
        ReadEntity<T> read = Read(ref reader);
        if (read.Unreadable is null || JsonNode.Parse(ref start) is not JsonObject whole)
            return read;
        try
        {
            JsonObject remains = new() { ["metadata"] = whole["metadata"]?.DeepClone() };
            return remains.Deserialize(type) is { Metadata: not null } entity ? new ReadEntity<T>(entity, null) : read;
        }
        catch (Exception mismatch) when (IsMismatch(mismatch))
        {
            return read;
        }
    }

    // The serializer does not turn what setters and converters throw into a JsonException.
    private static bool IsMismatch(Exception failure) => failure is JsonException or FormatException or ArgumentException or OverflowException;

    private static ReadEntity<T> Unreadable(ref Utf8JsonReader start, string reason)
    {
        using JsonDocument whole = JsonDocument.ParseValue(ref start);
        return new ReadEntity<T>(null, new UnreadableEntity(new NamespacedName(Text(whole, "namespace"), Text(whole, "name")), reason));
    }

    private static string Text(JsonDocument entity, string member) =>
        entity.RootElement.ValueKind == JsonValueKind.Object
        && entity.RootElement.TryGetProperty("metadata", out JsonElement metadata) && metadata.ValueKind == JsonValueKind.Object
        && metadata.TryGetProperty(member, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : "";
}
