using System.Net;
using GpuMem.Bench.Common;

namespace GpuMem.Bench.Faults.Faults;

internal sealed class LargeBodies : IFault
{
    private const int MiB = 1 << 20;

    private const int Growth = 16;

    public string Id => "C32";

    public string Expected => $"bodies of 7 MiB and a byte, of 100 MiB and without an end are refused, and memory grows by less than {Growth} MiB";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        await using var replicas = await WebhookReplicas.StartAsync(cluster, 1);
        var usage = new Usage(replicas.Processes[0].Id);
        // What it takes once for honest ones, on each processor, it keeps for the next.
        for (var i = 0; i < 4; i++)
            await Task.WhenAll(Enumerable.Range(0, 2 * Environment.ProcessorCount).Select(_ => SendAsync(replicas.Ports[0], 7 * MiB, chunked: false)));
        var before = usage.ResidentMiB;
        var answers = new[]
        {
            await SendAsync(replicas.Ports[0], 7 * MiB + 1, chunked: false), await SendAsync(replicas.Ports[0], 7 * MiB + 1, chunked: true),
            await SendAsync(replicas.Ports[0], 100 * MiB, chunked: false), await SendAsync(replicas.Ports[0], 1 << 30, chunked: true),
        };
        var grown = usage.ResidentMiB - before;
        return new Observation(answers.All(answer => answer is "413" or "closed") && grown < Growth, $"{string.Join(", ", answers)}; from {before:0} MiB by {grown:0.0} MiB");
    }

    private static async Task<string> SendAsync(int port, long size, bool chunked)
    {
        using var handler = new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromMilliseconds(50) };
#pragma warning disable CA5359 // Its certificate is another fault's matter.
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        using var http = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"https://127.0.0.1:{port}/validate-pod")) { Content = new Blanks(size) };
        request.Content.Headers.ContentType = new("application/json");
        request.Content.Headers.ContentLength = chunked ? null : size;
        request.Headers.TransferEncodingChunked = chunked;
        try
        {
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            return $"{(int)answer.StatusCode}";
        }
        catch (HttpRequestException)
        {
            return "closed";
        }
    }

    /// <summary>Blanks, made as they are sent.</summary>
    private sealed class Blanks(long size) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var piece = new byte[64 * 1024];
            Array.Fill(piece, (byte)' ');
            for (var left = size; left > 0; left -= piece.Length)
                await stream.WriteAsync(piece.AsMemory(0, (int)Math.Min(left, piece.Length)));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = size;
            return false;
        }
    }
}
