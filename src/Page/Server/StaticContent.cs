using System.Collections.Frozen;
using System.Numerics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GpuMem.Page.Server;

/// <summary>The files of the page, which are compiled in: nothing is served from a disk, whatever a path says.</summary>
internal static class StaticContent
{
    private const string FirstPage = "index.html";

    private static readonly FrozenDictionary<string, string> Types = new Dictionary<string, string>
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
    }.ToFrozenDictionary();

    /// <summary>A route for each file, and no other.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var name in typeof(StaticContent).Assembly.GetManifestResourceNames().Where(name => Types.ContainsKey(Path.GetExtension(name))))
        {
            var file = Read(name);
            foreach (var path in name == FirstPage ? new[] { "/", $"/{name}" } : [$"/{name}"])
                routes.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], file.AnswerAsync);
        }
    }

    private static EmbeddedFile Read(string name)
    {
        using var stream = typeof(StaticContent).Assembly.GetManifestResourceStream(name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return new EmbeddedFile(bytes, Types[Path.GetExtension(name)], Tag(bytes));
    }

    /// <summary>It tells versions of a file apart, and nobody's word is trusted by it: a checksum will do, where SHA-256 would load OpenSSL at every start, 2 MiB.</summary>
    private static string Tag(byte[] bytes) => $"\"{bytes.Length:x}-{bytes.Aggregate(uint.MaxValue, BitOperations.Crc32C):x8}\"";

    /// <summary>One file, with the tag by which a browser asks whether it still has the newest.</summary>
    private sealed record EmbeddedFile(byte[] Bytes, string Type, string Tag)
    {
        public async Task AnswerAsync(HttpContext context)
        {
            var response = context.Response;
            response.Headers.ETag = Tag;
            response.Headers.CacheControl = "no-cache";
            if (context.Request.Headers.IfNoneMatch.ToString() == Tag)
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }
            response.ContentType = Type;
            await Compressed.WriteAsync(context, Bytes);
        }
    }
}
