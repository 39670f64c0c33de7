using System.Net;
using System.Net.Sockets;

namespace GpuMem.TestKit.Faults;

/// <summary>One client's connection through a <see cref="FaultProxy"/>.</summary>
internal sealed class FaultyConnection(FaultProxy faults, Socket client) : IDisposable
{
    private readonly Socket _server = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    private readonly CancellationTokenSource _end = new();

    private volatile bool _halfClosed;

    public async Task RunAsync(int target)
    {
        client.NoDelay = true;
        await _server.ConnectAsync(IPAddress.Loopback, target, _end.Token);
        await using var near = new NetworkStream(client);
        await using var far = new NetworkStream(_server);
        var up = CarryAsync(near, far, _server, new Way(faults, limited: false));
        var down = CarryAsync(far, near, client, new Way(faults, limited: true));
        await Task.WhenAll(EndingAsync(up), EndingAsync(down));
    }

    public void Reset()
    {
        // A connection that has ended by itself meanwhile needs no reset.
        try
        {
            client.LingerState = new LingerOption(true, 0);
        }
        catch (ObjectDisposedException)
        {
        }

        client.Dispose();
        _end.Cancel();
    }

    public void HalfClose()
    {
        _halfClosed = true;
        try
        {
            client.Shutdown(SocketShutdown.Send);
        }
        catch (Exception ended) when (ended is ObjectDisposedException or SocketException)
        {
        }
    }

    public void Dispose()
    {
        _end.Cancel();
        client.Dispose();
        _server.Dispose();
    }

    /// <summary>A direction that ends in good order leaves the other open; one that breaks takes it along.</summary>
    private async Task EndingAsync(Task way)
    {
        try
        {
            await way;
        }
        catch
        {
            await _end.CancelAsync();
            throw;
        }
    }

    private async Task CarryAsync(NetworkStream from, NetworkStream to, Socket toSocket, Way way)
    {
        try
        {
            await Carriage.CarryAsync(from, to, way, _end.Token);
        }
        catch (IOException) when (_halfClosed && toSocket == client)
        {
            // The server does not know, and goes on answering.
            await from.CopyToAsync(Stream.Null, _end.Token);
            return;
        }

        toSocket.Shutdown(SocketShutdown.Send);
        if (way.IsCut)
            await _end.CancelAsync();
    }

    private sealed class Way(FaultProxy faults, bool limited) : IConduct
    {
        private long _passed;

        public bool IsCut { get; private set; }

        public Task Passable => faults.Passable;

        public long BytesPerSecond => faults.BytesPerSecond;

        public TimeSpan NextDelay() => faults.NextDelay();

        public int Allow(int count)
        {
            var allowed = limited && faults.CutAfter is { } limit ? (int)Math.Clamp(limit - _passed, 0, count) : count;
            _passed += allowed;
            IsCut = allowed < count;
            return allowed;
        }
    }
}
