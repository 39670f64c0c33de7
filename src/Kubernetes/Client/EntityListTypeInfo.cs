using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using GpuMem.Kubernetes.Models;

namespace GpuMem.Kubernetes;

/// <summary>How a list of any entity is read, so that entities need no list type of their own and contexts no entry for it.</summary>
internal static class EntityListTypeInfo
{
    internal static JsonTypeInfo<EntityList<T>> Create<T>(KubernetesJson json)
        where T : class
    {
        JsonTypeInfo<T> item = json.TypeInfo<T>();
        return JsonMetadataServices.CreateValueInfo<EntityList<T>>(item.Options, new Converter<T>(item, json.TypeInfo<V1ListMeta>()));
    }

    private sealed class Converter<T>(JsonTypeInfo<T> item, JsonTypeInfo<V1ListMeta> metadata) : JsonConverter<EntityList<T>>
        where T : class
    {
        public override EntityList<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            EntityList<T> list = new();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isItems = reader.ValueTextEquals("items"u8);
                bool isMetadata = reader.ValueTextEquals("metadata"u8);
                reader.Read();
                if (isItems)
                    ReadItems(ref reader, list.Items);
                else if (isMetadata)
                    list.Metadata = JsonSerializer.Deserialize(ref reader, metadata) ?? new V1ListMeta();
                else
                    reader.Skip();
            }

            return list;
        }

        public override void Write(Utf8JsonWriter writer, EntityList<T> value, JsonSerializerOptions options) =>
            throw new NotSupportedException("lists are only ever read");

        private void ReadItems(ref Utf8JsonReader reader, List<T> items)
        {
            // An empty list may be null: Go writes a nil slice so.
            while (reader.TokenType != JsonTokenType.Null && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                if (JsonSerializer.Deserialize(ref reader, item) is { } entity)
                    items.Add(entity);
        }
    }
}
