using System.Net;
using System.Net.Sockets;
using GpuMem.Kubernetes.Informers;

namespace GpuMem.Kubernetes.Tests.Informers;

public sealed class UnreachableTests
{
    [Fact]
    public async Task An_api_server_that_is_down_at_start_is_tried_again_and_says_so()
    {
        ManualTime time = new();
        RecordingLogger<Informer<V1Pod>> logger = new();
        using KubernetesClient client = new(new KubernetesClientConfiguration { Host = new Uri($"https://127.0.0.1:{FreePort()}") }, timeProvider: time);
        Informer<V1Pod> informer = new(client, new InformerOptions<V1Pod> { StreamingList = false }, logger, time, () => 0);
        using CancellationTokenSource stop = new();
        Task running = informer.RunAsync(stop.Token);

        string line = await logger.Lines.NextAsync();
        Assert.Matches(@"API server https://127\.0\.0\.1:\d+/ is not reachable \(connection refused\); trying again in 0\.4 s", line);
        // Not with every attempt, but again while it lasts.
        for (double waited = 0; waited < 10; waited += 0.4)
        {
            Assert.True(logger.Lines.IsEmpty);
            await time.PassAsync(TimeSpan.FromSeconds(0.4));
        }

        Assert.Equal(line, await logger.Lines.NextAsync());
        Assert.False(informer.HasSynced);

        await stop.CancelAsync();
        await running;
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
