using System.Net;
using System.Net.Sockets;

namespace GpuMem.Cluster.Tests.Faults;

/// <summary>Answers what it is told, as telnet's port 7 did.</summary>
internal sealed class Echo : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public Echo()
    {
        _listener.Start();
        _ = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
                _ = AnswerAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException)
        {
        }
    }

    private static async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await client.GetStream().CopyToAsync(client.GetStream());
            }
            catch (IOException)
            {
            }
        }
    }
}
