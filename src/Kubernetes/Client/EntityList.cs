namespace GpuMem.Kubernetes;

/// <summary>One page of objects, and the version of the collection they were read at.</summary>
public sealed class EntityList<T>
{
    public V1ListMeta Metadata { get; set; } = new();

    public List<T> Items { get; set; } = [];

    /// <summary>Objects that exist too, and hold something that <typeparamref name="T"/> has no room for.</summary>
    public List<UnreadableEntity> Unreadable { get; set; } = [];
}
