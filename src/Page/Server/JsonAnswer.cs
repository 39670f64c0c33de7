using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace GpuMem.Page.Server;

/// <summary>Writes answers of the API.</summary>
internal static class JsonAnswer
{
    /// <summary>Nobody takes JSON for HTML: its type is said, and browsers are told to believe it.</summary>
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task WriteAsync(HttpContext context, JsonNode answer, int status = StatusCodes.Status200OK)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = "application/json; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        using var bytes = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(bytes, Plain))
            answer.WriteTo(writer);
        await Compressed.WriteAsync(context, bytes.GetBuffer().AsMemory(0, (int)bytes.Length));
    }

    public static Task WriteErrorAsync(HttpContext context, int status, string message) =>
        WriteAsync(context, new JsonObject { ["error"] = message }, status);
}
