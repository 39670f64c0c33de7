namespace GpuMem.Kubernetes.Client;

/// <summary>Reads one line of a watch: its type says what the object is, whichever of the two comes first.</summary>
internal sealed class WatchEventDecoder<T>(KubernetesJson json)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = KubernetesJson.MaxDepth };

    private readonly EntityReader<T> _entities = new(json.ReadInfo<T>());
    private readonly JsonTypeInfo<V1Status> _status = json.ReadInfo<V1Status>();

    /// <summary>False when the object could not be read; then <paramref name="unreadable"/> names it.</summary>
    /// <exception cref="JsonException">The line is not an event.</exception>
    internal bool TryDecode(ReadOnlySequence<byte> line, out WatchEvent<T> decoded, out UnreadableEntity? unreadable)
    {
        Utf8JsonReader reader = new(line, ReaderOptions);
        WatchEventType? type = null;
        Utf8JsonReader entity = default;
        bool hasEntity = false;

        Expect(reader.Read() && reader.TokenType == JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isType = reader.ValueTextEquals("type"u8);
            bool isObject = reader.ValueTextEquals("object"u8);
            reader.Read();
            if (isType)
            {
                Expect(reader.TokenType == JsonTokenType.String);
                type = ReadType(reader.GetString());
            }
            else if (isObject)
            {
                entity = reader;
                hasEntity = true;
            }

            reader.Skip();
        }

        Expect(type is not null && hasEntity);
        (decoded, unreadable) = ReadObject(ref entity, type!.Value);
        return unreadable is null;
    }

    private (WatchEvent<T> Event, UnreadableEntity? Unreadable) ReadObject(ref Utf8JsonReader reader, WatchEventType type)
    {
        if (type == WatchEventType.Error)
            return (new WatchEvent<T>(type, null, JsonSerializer.Deserialize(ref reader, _status) ?? new V1Status()), null);
        ReadEntity<T> read = type == WatchEventType.Deleted ? _entities.ReadDeleted(ref reader) : _entities.Read(ref reader);
        return (new WatchEvent<T>(type, read.Entity), read.Unreadable);
    }

    private static WatchEventType ReadType(string? name) => name switch
    {
        "ADDED" => WatchEventType.Added,
        "MODIFIED" => WatchEventType.Modified,
        "DELETED" => WatchEventType.Deleted,
        "BOOKMARK" => WatchEventType.Bookmark,
        "ERROR" => WatchEventType.Error,
        _ => throw new JsonException($"unknown event type '{name}'"),
    };

    private static void Expect(bool condition)
    {
        if (!condition)
            throw new JsonException("the line is not a watch event");
    }
}
