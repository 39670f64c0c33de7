using System.Net;
using System.Net.Sockets;
using System.Text;

namespace GpuMem.Kubernetes.Tests.FakeApi;

/// <summary>An HTTP proxy for one tunnel that wants a password first, or always.</summary>
public sealed class FakeProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly string _authorization;

    public FakeProxy(string user, string password)
    {
        _authorization = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));
        _listener.Start();
        Running = RunAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The hosts that tunnels were opened to.</summary>
    public Signals<string> Tunnels { get; } = new();

    private Task Running { get; }

    public void Dispose() => _listener.Stop();

    private async Task RunAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException or InvalidOperationException)
        {
        }
    }

    private async Task ServeAsync(TcpClient accepted)
    {
        using TcpClient client = accepted;
        NetworkStream near = client.GetStream();
        try
        {
            string[] head = await ReadHeadAsync(near);
            while (!head.Contains($"Proxy-Authorization: {_authorization}"))
            {
                await near.WriteAsync("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
                head = await ReadHeadAsync(near);
            }

            string target = head[0].Split(' ')[1];
            using TcpClient server = new();
            await server.ConnectAsync(IPEndPoint.Parse(target));
            Tunnels.Add(target);
            await near.WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray());
            NetworkStream far = server.GetStream();
            await Task.WhenAny(near.CopyToAsync(far), far.CopyToAsync(near));
        }
        catch (Exception closed) when (closed is IOException or ObjectDisposedException)
        {
        }
    }

    private static async Task<string[]> ReadHeadAsync(NetworkStream stream)
    {
        StringBuilder head = new();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one);
            head.Append((char)one[0]);
        }

        return head.ToString().Split("\r\n");
    }
}
