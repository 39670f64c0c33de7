namespace GpuMem.Kubernetes.Client;

/// <summary>Reads one object of a list and keeps at once what is wanted of it: the whole object lives no longer than that.</summary>
internal sealed class KeptEntityReader<T, TKept>(EntityReader<T> entities, Func<T, TKept?> keep) : JsonConverter<ReadEntity<TKept>>
    where T : class, IKubernetesObject<V1ObjectMeta>
    where TKept : class
{
    public override ReadEntity<TKept> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        ReadEntity<T> read = entities.Read(ref reader);
        return new ReadEntity<TKept>(read.Entity is { } entity ? keep(entity) : null, read.Unreadable);
    }

    public override void Write(Utf8JsonWriter writer, ReadEntity<TKept> value, JsonSerializerOptions options) =>
        throw new NotSupportedException("Lists are read, never written.");
}
