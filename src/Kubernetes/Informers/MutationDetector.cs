using System.Runtime.CompilerServices;

namespace GpuMem.Kubernetes.Informers;

/// <summary>
/// Finds out who changes what everybody shares: remembers each object as it entered the store, and compares when it leaves
/// (client-go's tools/cache/mutation_detector.go). Too slow for production, so only debug builds do it.
/// </summary>
internal sealed class MutationDetector<TView>(JsonTypeInfo<TView> contract, Action<string> report)
    where TView : class
{
    private readonly ConditionalWeakTable<TView, byte[]> _entered = [];

    internal void Remember(TView view) => _entered.AddOrUpdate(view, Write(view));

    internal void Compare(TView? view)
    {
        if (view is not null && _entered.TryGetValue(view, out byte[]? entered) && Write(view) is { } now && !now.AsSpan().SequenceEqual(entered))
            report($"A {typeof(TView).Name} of the store was changed by somebody who only borrowed it. Was: {Text(entered)} Is: {Text(now)}");
    }

    private static string Text(byte[] json) => Encoding.UTF8.GetString(json);

    private byte[] Write(TView view) => JsonSerializer.SerializeToUtf8Bytes(view, contract);
}
