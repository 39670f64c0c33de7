using System.Text.Json.Serialization.Metadata;
using GpuMem.Kubernetes.Models;

namespace GpuMem.Kubernetes.Client;

/// <summary>
/// JSON metadata of a list, made from that of its items: callers declare their entity only, and a list of any size is read from
/// the stream item by item.
/// </summary>
internal static class EntityListTypeInfo
{
    internal static JsonTypeInfo<EntityList<T>> Create<T>(KubernetesJson json)
        where T : class
    {
        JsonTypeInfo<T> item = json.TypeInfo<T>();
        JsonTypeInfo<List<T>> items = JsonMetadataServices.CreateListInfo<List<T>, T>(
            item.Options, new JsonCollectionInfoValues<List<T>> { ObjectCreator = () => [], ElementInfo = item });
        return JsonMetadataServices.CreateObjectInfo(item.Options, new JsonObjectInfoValues<EntityList<T>>
        {
            ObjectCreator = () => new EntityList<T>(),
            PropertyMetadataInitializer = _ =>
            [
                Property<T, V1ListMeta>(
                    json.TypeInfo<V1ListMeta>(), "metadata", list => list.Metadata, (list, value) => list.Metadata = value ?? new()),
                Property<T, List<T>>(items, "items", list => list.Items, (list, value) => list.Items = value ?? []),
            ],
        });
    }

    private static JsonPropertyInfo Property<T, TValue>(
        JsonTypeInfo<TValue> type, string name, Func<EntityList<T>, TValue> get, Action<EntityList<T>, TValue?> set) =>
        JsonMetadataServices.CreatePropertyInfo(type.Options, new JsonPropertyInfoValues<TValue>
        {
            IsProperty = true,
            IsPublic = true,
            DeclaringType = typeof(EntityList<T>),
            PropertyName = name,
            JsonPropertyName = name,
            PropertyTypeInfo = type,
            // Without a getter the serializer silently leaves a collection out.
            Getter = list => get((EntityList<T>)list),
            Setter = (list, value) => set((EntityList<T>)list, value),
        });
}
