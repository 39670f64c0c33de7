using System.Threading.Channels;

namespace GpuMem.Kubernetes.Tests.FakeApi;

/// <summary>Things that happened, in order, for a test to wait for.</summary>
public sealed class Signals<T>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Channel<T> _happened = Channel.CreateUnbounded<T>();

    public bool IsEmpty => !_happened.Reader.TryPeek(out _);

    public void Add(T what) => _happened.Writer.TryWrite(what);

    public async Task<T> NextAsync()
    {
        using CancellationTokenSource patience = new(Patience);
        return await _happened.Reader.ReadAsync(patience.Token);
    }
}
