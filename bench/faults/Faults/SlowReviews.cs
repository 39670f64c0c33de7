using System.Diagnostics;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace GpuMem.Bench.Faults.Faults;

internal sealed class SlowReviews : IFault
{
    private const int Connections = 200;

    private static readonly byte[] Review = Encoding.UTF8.GetBytes($$"""
        {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": "1", "operation": "CREATE", "namespace": "default", "kind": {"group": "", "version": "v1", "kind": "Pod"},
         "object": {"metadata": {"annotations": {"a": "{{new string('x', 8_000)}}"} } } } }
        """);

    public string Id => "C29";

    public string Expected => $"told to stop while {Connections} reviews are arriving: all are answered, and it ends with exit status 0 within 30 s";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        await using var replicas = await WebhookReplicas.StartAsync(cluster, 1);
        var (process, port) = (replicas.Processes[0], replicas.Ports[0]);
        List<SslStream> connections = [];
        for (var i = 0; i < Connections; i++)
        {
            connections.Add(await ConnectAsync(port));
            await connections[i].WriteAsync(Encoding.ASCII.GetBytes($"POST /validate-pod HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {Review.Length}\r\n\r\n"));
            await connections[i].WriteAsync(Review.AsMemory(0, Review.Length / 2));
            await connections[i].FlushAsync();
        }
        var watch = Stopwatch.StartNew();
        await process.TerminateAsync();
        // The rest comes bit by bit, and over the moment at which nobody listens any more.
        var answers = await Task.WhenAll(connections.Select(FinishAsync));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        await process.WaitForExitAsync(patience.Token);
        var seconds = watch.Elapsed.TotalSeconds;
        foreach (var connection in connections)
            await connection.DisposeAsync();
        var answered = answers.Count(answer => answer.StartsWith("HTTP/1.1 200", StringComparison.Ordinal));
        return new Observation(answered == Connections && process.ExitCode == 0 && seconds <= 30, $"{answered} answered, exit status {process.ExitCode} after {seconds:0.0} s");
    }

    private static async Task<SslStream> ConnectAsync(int port)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync("127.0.0.1", port);
#pragma warning disable CA5359 // Its certificate is another fault's matter.
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true), false, (_, _, _, _) => true);
#pragma warning restore CA5359
        await tls.AuthenticateAsClientAsync("gpumem-webhook.gpumem-system.svc");
        return tls;
    }

    private static async Task<string> FinishAsync(SslStream connection)
    {
        const int Pieces = 12;
        try
        {
            var (from, rest) = (Review.Length / 2, Review.Length - Review.Length / 2);
            for (var i = 0; i < Pieces; i++)
            {
                await Task.Delay(TimeSpan.FromSeconds(1));
                await connection.WriteAsync(Review.AsMemory(from + i * rest / Pieces, (i + 1) * rest / Pieces - i * rest / Pieces));
            }
            using var reader = new StreamReader(connection, leaveOpen: true);
            return await reader.ReadLineAsync() ?? "nothing";
        }
        catch (IOException broken)
        {
            return broken.Message;
        }
    }
}
