using System.Text;

namespace GpuMem.TestKit.Faults;

/// <summary>Passes the events of one watch on, late if need be, until it is told to end with an error.</summary>
internal sealed class WatchRelay(Func<TimeSpan> delay) : IConduct, IDisposable
{
    private readonly CancellationTokenSource _end = new();

    private InjectedFault? _last;

    public Task Passable => Task.CompletedTask;

    public long BytesPerSecond => 0;

    public TimeSpan NextDelay() => delay();

    public int Allow(int count) => count;

    public void EndWith(InjectedFault fault)
    {
        _last = fault;
        _end.Cancel();
    }

    public async Task RelayAsync(Stream from, Stream to, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_end.Token, cancellationToken);
        try
        {
            await Carriage.CarryAsync(from, to, this, either.Token);
        }
        catch (OperationCanceledException) when (_last is not null && !cancellationToken.IsCancellationRequested)
        {
            // A line of its own, should an event have been cut in the middle.
            await to.WriteAsync(Encoding.UTF8.GetBytes(_last.ErrorEvent), cancellationToken);
        }
    }

    public void Dispose() => _end.Dispose();
}
