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
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        JsonTypeInfo<T> entity = json.TypeInfo<T>();
        JsonTypeInfo<ReadEntity<T>> item = JsonMetadataServices.CreateValueInfo<ReadEntity<T>>(entity.Options, new EntityReader<T>(entity));
        JsonTypeInfo<List<ReadEntity<T>>> items = JsonMetadataServices.CreateListInfo<List<ReadEntity<T>>, ReadEntity<T>>(
            entity.Options, new JsonCollectionInfoValues<List<ReadEntity<T>>> { ObjectCreator = () => [], ElementInfo = item });
        return JsonMetadataServices.CreateObjectInfo(entity.Options, new JsonObjectInfoValues<EntityList<T>>
        {
            ObjectCreator = () => new EntityList<T>(),
            PropertyMetadataInitializer = _ =>
            [
                Property<T, V1ListMeta>(json.TypeInfo<V1ListMeta>(), "metadata", (list, value) => list.Metadata = value ?? new()),
                Property<T, List<ReadEntity<T>>>(items, "items", (list, value) => Sort(list, value ?? [])),
            ],
        });
    }

    private static void Sort<T>(EntityList<T> list, List<ReadEntity<T>> items)
        where T : class
    {
        foreach ((T? entity, UnreadableEntity? unreadable) in items)
        {
            if (entity is not null)
                list.Items.Add(entity);
            else if (unreadable is not null)
                list.Unreadable.Add(unreadable);
        }
    }

    private static JsonPropertyInfo Property<T, TValue>(JsonTypeInfo<TValue> type, string name, Action<EntityList<T>, TValue?> set)
        where TValue : class =>
        JsonMetadataServices.CreatePropertyInfo(type.Options, new JsonPropertyInfoValues<TValue>
        {
            IsProperty = true,
            IsPublic = true,
            DeclaringType = typeof(EntityList<T>),
            PropertyName = name,
            JsonPropertyName = name,
            PropertyTypeInfo = type,
            // Without a getter the serializer silently leaves a collection out.
            Getter = _ => null,
            Setter = (list, value) => set((EntityList<T>)list, value),
        });
}
