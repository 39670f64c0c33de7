using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace GpuMem.TestKit.Faults;

/// <summary>
/// A bad network between a client and a TCP port on this machine. What is set holds for open connections and new ones at once.
/// Delay, jitter and byte rate hold in each direction.
/// </summary>
public sealed class FaultProxy : IDisposable
{
    private readonly ConcurrentDictionary<FaultyConnection, bool> _connections = new();

    private readonly int _target;

    private volatile TcpListener? _listener;

    private TaskCompletionSource _passable = new();

    /// <param name="target">The port to lead to, on the loopback address.</param>
    /// <param name="refuse">Start with the door shut.</param>
    public FaultProxy(int target, bool refuse = false)
    {
        _target = target;
        _passable.SetResult();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        Refuse = refuse;
    }

    public int Port { get; }

    /// <summary>Connections that are open now.</summary>
    public int Connections => _connections.Count;

    /// <summary>New connections are refused, as by a host where nothing listens. Open ones live on.</summary>
    public bool Refuse
    {
        get => _listener is null;
        set
        {
            if (value == Refuse)
                return;
            if (value)
                Interlocked.Exchange(ref _listener, null)?.Dispose();
            else
                Listen();
        }
    }

    /// <summary>Connections stay open and new ones are taken, but nothing passes: a router that lost its table. What waits passes afterwards.</summary>
    public bool Blackhole
    {
        get => !_passable.Task.IsCompleted;
        set
        {
            if (value == Blackhole)
                return;
            if (value)
                _passable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            else
                _passable.SetResult();
        }
    }

    public TimeSpan Delay { get; set; }

    /// <summary>Up to so much is added to the delay of each piece.</summary>
    public TimeSpan Jitter { get; set; }

    /// <summary>0 for as fast as it goes.</summary>
    public long BytesPerSecond { get; set; }

    /// <summary>Each connection ends after so many bytes of the server's answers.</summary>
    public long? CutAfter { get; set; }

    /// <summary>Ends every open connection by RST.</summary>
    public void Reset()
    {
        foreach (var connection in _connections.Keys)
            connection.Reset();
    }

    /// <summary>Tells every client that nothing more will come (FIN), and goes on taking what it sends.</summary>
    public void HalfClose()
    {
        foreach (var connection in _connections.Keys)
            connection.HalfClose();
    }

    public void Dispose()
    {
        Refuse = true;
        Reset();
    }

    internal Task Passable => _passable.Task;

    internal TimeSpan NextDelay() => Delay + (Jitter * Random.Shared.NextDouble());

    private void Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, Port);
        listener.Start();
        _listener = listener;
        _ = AcceptAsync(listener);
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
                _ = CarryAsync(await listener.AcceptSocketAsync());
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException or InvalidOperationException)
        {
        }
    }

    private async Task CarryAsync(Socket client)
    {
        using var connection = new FaultyConnection(this, client);
        _connections[connection] = true;
        try
        {
            await connection.RunAsync(_target);
        }
        catch (Exception broken) when (broken is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // That connections break is what this is for.
        }
        finally
        {
            _connections.TryRemove(connection, out _);
        }
    }
}
