namespace GpuMem.Kubernetes.Client;

/// <summary>
/// JSON metadata of a list, made from that of its items: callers declare their entity only, and a list of any size is read from
/// the stream item by item.
/// </summary>
internal static class EntityListTypeInfo
{
    internal static JsonTypeInfo<EntityList<TKept>> Create<T, TKept>(KubernetesJson json, Func<T, TKept?> keep)
        where T : class, IKubernetesObject<V1ObjectMeta>
        where TKept : class
    {
        JsonTypeInfo<T> entity = json.ReadInfo<T>();
        KeptEntityReader<T, TKept> reader = new(new EntityReader<T>(entity), keep);
        JsonTypeInfo<ReadEntity<TKept>> item = JsonMetadataServices.CreateValueInfo<ReadEntity<TKept>>(entity.Options, reader);
        JsonTypeInfo<List<ReadEntity<TKept>>> items = JsonMetadataServices.CreateListInfo<List<ReadEntity<TKept>>, ReadEntity<TKept>>(
            entity.Options, new JsonCollectionInfoValues<List<ReadEntity<TKept>>> { ObjectCreator = () => [], ElementInfo = item });
        return JsonMetadataServices.CreateObjectInfo(entity.Options, new JsonObjectInfoValues<EntityList<TKept>>
        {
            ObjectCreator = () => new EntityList<TKept>(),
            PropertyMetadataInitializer = _ =>
            [
                Property<TKept, V1ListMeta>(json.ReadInfo<V1ListMeta>(), "metadata", (list, value) => list.Metadata = value ?? new()),
                Property<TKept, List<ReadEntity<TKept>>>(items, "items", (list, value) => Sort(list, value ?? [])),
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
