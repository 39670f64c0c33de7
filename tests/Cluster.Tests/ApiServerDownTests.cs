using System.Net;
using System.Net.Sockets;
using GpuMem.TestKit;

namespace GpuMem.Cluster.Tests;

/// <summary>An API server that is not there yet, or not any more.</summary>
[Collection(InstalledGpuMemCollection.Name)]
public sealed class ApiServerDownTests(InstalledGpuMem cluster)
{
    [ClusterFact]
    public async Task An_operator_that_starts_first_says_so_waits_and_recovers()
    {
        using var door = new Door(new Uri(await ServerAsync()).Port);
        var kubeconfig = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.kubeconfig");
        var administrator = await File.ReadAllTextAsync(cluster.ControlPlane.Kubeconfig);
        await File.WriteAllTextAsync(kubeconfig, administrator.Replace(await ServerAsync(), $"https://127.0.0.1:{door.Port}", StringComparison.Ordinal));
        await using var process = GpuMemProcess.Start(
            "operator", "--kubeconfig", kubeconfig, "--namespace", "default", "--address", "127.0.0.1", "--health-port", "0", "--leader-elect", "--name", "second");
        await process.HasLoggedAsync("is not reachable");

        door.Open();

        await process.HasLoggedAsync("The cluster is known");
    }

    private async Task<string> ServerAsync() =>
        (await cluster.KubectlAsync("config", "view", "--minify", "-o", "jsonpath={.clusters[0].cluster.server}")).Trim();

    /// <summary>A port in front of the API server that refuses until it is opened.</summary>
    private sealed class Door : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        private readonly int _target;

        public Door(int target)
        {
            _target = target;
            _listener.Start();
            Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
            _listener.Stop();
        }

        public int Port { get; }

        public void Open()
        {
            var listener = _opened = new TcpListener(IPAddress.Loopback, Port);
            listener.Start();
            _ = Task.Run(async () =>
            {
                while (true)
                    _ = ForwardAsync(await listener.AcceptTcpClientAsync());
            });
        }

        public void Dispose()
        {
            _listener.Dispose();
            _opened?.Dispose();
        }

        private TcpListener? _opened;

        private async Task ForwardAsync(TcpClient client)
        {
            using var server = new TcpClient();
            await server.ConnectAsync(IPAddress.Loopback, _target);
            await Task.WhenAny(client.GetStream().CopyToAsync(server.GetStream()), server.GetStream().CopyToAsync(client.GetStream()));
            client.Dispose();
        }
    }
}
