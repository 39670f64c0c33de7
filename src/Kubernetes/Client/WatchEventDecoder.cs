using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GpuMem.Kubernetes.Models;

namespace GpuMem.Kubernetes.Client;

/// <summary>Reads one line of a watch in one pass: the type first, which says what the object is.</summary>
internal sealed class WatchEventDecoder<T>(KubernetesJson json)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = KubernetesJson.MaxDepth };

    private readonly JsonTypeInfo<T> _entity = json.TypeInfo<T>();
    private readonly JsonTypeInfo<V1Status> _status = json.TypeInfo<V1Status>();

    /// <exception cref="JsonException">The line is not an event.</exception>
    internal WatchEvent<T> Decode(ReadOnlySequence<byte> line)
    {
        Utf8JsonReader reader = new(line, ReaderOptions);
        WatchEventType? type = null;
        Utf8JsonReader postponed = default;
        bool isPostponed = false;
        WatchEvent<T>? decoded = null;

        Expect(reader.Read() && reader.TokenType == JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isType = reader.ValueTextEquals("type"u8);
            bool isObject = reader.ValueTextEquals("object"u8);
            reader.Read();
            if (isType)
                type = ReadType(reader.GetString());
            else if (isObject && type is { } known)
                decoded = ReadObject(ref reader, known);
            else
            {
                if (isObject)
                    {
                    postponed = reader;
                    isPostponed = true;
                }

                reader.Skip();
            }
        }

        if (decoded is null && isPostponed && type is { } late)
            decoded = ReadObject(ref postponed, late);
        return decoded ?? throw new JsonException("the event has no type or no object");
    }

    private WatchEvent<T> ReadObject(ref Utf8JsonReader reader, WatchEventType type)
    {
        if (type == WatchEventType.Error)
            return new WatchEvent<T>(type, null, JsonSerializer.Deserialize(ref reader, _status) ?? new V1Status());
        T? entity = JsonSerializer.Deserialize(ref reader, _entity);
        Expect(entity is { Metadata: not null });
        return new WatchEvent<T>(type, entity);
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
