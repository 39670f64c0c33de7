using System.Net;
using System.Net.Sockets;

namespace GpuMem.Bench.Faults;

/// <summary>What a Service is to an API server: one address, and each new connection goes to the next replica that is ready. Open ones stay where they are.</summary>
internal sealed class Balancer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    private volatile int[] _ports = [];

    private int _next;

    public Balancer()
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>Where the replicas listen.</summary>
    public IReadOnlyList<int> Ports
    {
        set => _ports = [.. value];
    }

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = CarryAsync(await _listener.AcceptSocketAsync());
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException or InvalidOperationException)
        {
        }
    }

    private async Task CarryAsync(Socket client)
    {
        using var there = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            using var here = new NetworkStream(client, ownsSocket: true);
            var ports = _ports;
            await there.ConnectAsync(IPAddress.Loopback, ports[Math.Abs(Interlocked.Increment(ref _next) % ports.Length)]);
            using var replica = new NetworkStream(there);
            // Whichever side ends first, the other learns of it.
            await Task.WhenAny(here.CopyToAsync(replica), replica.CopyToAsync(here));
        }
        catch (Exception broken) when (broken is IOException or SocketException or DivideByZeroException)
        {
            // As a Service without endpoints: the connection just ends.
        }
    }
}
