using System.Collections;

namespace GpuMem.Kubernetes.Informers;

/// <summary>The values of one immutable state, with their number.</summary>
internal sealed class Values<T>(IEnumerable<T> values, int count) : IReadOnlyCollection<T>
{
    public int Count { get; } = count;

    public IEnumerator<T> GetEnumerator() => values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
