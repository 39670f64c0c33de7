using System.Collections.Concurrent;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace GpuMem.Bench.Faults.Faults;

/// <summary>What slowhttptest does: connections that are opened and then send a few bytes now and then, in the header or in the body.</summary>
internal sealed class SlowClients : IFault
{
    private const int Connections = 1_000;

    private const double Longest = 50;

    public string Id => "C38";

    public string Expected => $"{Connections} clients that drip headers or bodies for 30 s beside 100 pods/s: no call fails, p99 at most {Longest} ms, or twice what it is without them";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        await using var replicas = await WebhookReplicas.StartAsync(cluster, 1);
        using var alone = await PodCalls.PrepareAsync(cluster);
        using (var over = new CancellationTokenSource(TimeSpan.FromSeconds(10)))
            await alone.RunAsync(over.Token);
        using var calls = await PodCalls.PrepareAsync(cluster);
        // Opened beforehand: shaking so many hands is work of this process, too.
        ConcurrentBag<(SslStream Connection, byte[] Drop)> slow = [];
        await Parallel.ForEachAsync(Enumerable.Range(0, Connections), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (i, _) =>
            slow.Add((await OpenAsync(replicas.Ports[0], i % 2 == 0 ? "Content-Length: 100000\r\n\r\n" : ""), Encoding.ASCII.GetBytes(i % 2 == 0 ? " " : "X: y\r\n"))));
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var dripping = slow.Select(one => DripAsync(one.Connection, one.Drop, end.Token)).ToArray();
        await calls.RunAsync(end.Token);
        var seconds = await Task.WhenAll(dripping);
        return new Observation(
            calls.Failed.Count == 0 && await calls.FailedCallsAsync() == 0 && calls.Percentile(0.99) <= Math.Max(Longest, 2 * alone.Percentile(0.99)),
            $"{await calls.SummaryAsync()}; p99 {alone.Percentile(0.99):0.0} ms without them; the {slow.Count} slow connections were ended after {seconds.Min():0} to {seconds.Max():0} s");
    }

    private static async Task<SslStream> OpenAsync(int port, string header)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync("127.0.0.1", port);
#pragma warning disable CA5359 // Its certificate is another fault's matter.
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true), false, (_, _, _, _) => true);
#pragma warning restore CA5359
        await tls.AuthenticateAsClientAsync("gpumem-webhook.gpumem-system.svc");
        await tls.WriteAsync(Encoding.ASCII.GetBytes($"POST /validate-pod HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{header}"));
        await tls.FlushAsync();
        return tls;
    }

    /// <summary>Until the webhook has had enough of it.</summary>
    /// <returns>After how many seconds that was.</returns>
    private static async Task<double> DripAsync(SslStream connection, byte[] drop, CancellationToken until)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        await using (connection)
            try
            {
                while (true)
                {
                    await Task.Delay(TimeSpan.FromSeconds(2), until);
                    await connection.WriteAsync(drop, until);
                    await connection.FlushAsync(until);
                }
            }
            catch (Exception over) when (over is IOException or OperationCanceledException)
            {
                return watch.Elapsed.TotalSeconds;
            }
    }
}
