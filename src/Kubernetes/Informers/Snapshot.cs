using System.Collections;
using System.Collections.Immutable;

namespace GpuMem.Kubernetes.Informers;

/// <summary>The values of one state of the store.</summary>
internal sealed class Snapshot<T>(ImmutableDictionary<NamespacedName, T> objects) : IReadOnlyCollection<T>
{
    public int Count => objects.Count;

    public IEnumerator<T> GetEnumerator() => objects.Values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
