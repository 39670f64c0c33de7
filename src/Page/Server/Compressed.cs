using System.IO.Compression;
using Microsoft.AspNetCore.Http;

namespace GpuMem.Page.Server;

/// <summary>What is sent, in gzip where the browser takes it: the verdicts on all GPUs are words, which become a sixth.</summary>
internal static class Compressed
{
    /// <summary>Less than a packet, and nothing is gained.</summary>
    private const int WorthIt = 1400;

    public static async Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> bytes)
    {
        var headers = context.Response.Headers;
        headers.Vary = "Accept-Encoding";
        if (bytes.Length >= WorthIt && context.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase))
        {
            headers.ContentEncoding = "gzip";
            bytes = Of(bytes);
        }
        context.Response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    private static ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> bytes)
    {
        using var smaller = new MemoryStream(bytes.Length / 4);
        using (var gzip = new GZipStream(smaller, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(bytes.Span);
        return smaller.GetBuffer().AsMemory(0, (int)smaller.Length);
    }
}
