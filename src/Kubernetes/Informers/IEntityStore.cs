namespace GpuMem.Kubernetes.Informers;

/// <summary>The objects of one kind as last heard of. Objects are shared: never change them.</summary>
public interface IEntityStore<T>
    where T : class
{
    int Count { get; }

    T? Get(NamespacedName name);

    /// <summary>A snapshot: later changes do not show in it.</summary>
    IReadOnlyCollection<T> List();

    /// <summary>The objects that <paramref name="index"/> files under <paramref name="key"/>, as a snapshot.</summary>
    /// <exception cref="ArgumentException">There is no such index.</exception>
    IReadOnlyCollection<T> ByIndex(string index, string key);
}
