using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace GpuMem.Page.Server;

/// <summary>Reads the JSON of a request.</summary>
internal static class RequestBody
{
    /// <summary>Deeper than a config.json may be (64), by what lies around it in a manifest.</summary>
    private static readonly JsonDocumentOptions Bounded = new() { MaxDepth = 72, AllowDuplicateProperties = false };

    /// <exception cref="RequestException">It is not an object in JSON.</exception>
    public static async Task<JsonObject> ReadAsync(HttpContext context)
    {
        // A page of another origin must ask its browser before it sends this type, and the browser asks us.
        if (!context.Request.HasJsonContentType())
            throw new RequestException(StatusCodes.Status415UnsupportedMediaType, "send JSON, with Content-Type: application/json");
        try
        {
            return await JsonNode.ParseAsync(context.Request.Body, nodeOptions: null, Bounded, context.RequestAborted) as JsonObject
                ?? throw new RequestException(StatusCodes.Status400BadRequest, "the request is no JSON object; send {\"manifest\": …}");
        }
        catch (JsonException malformed)
        {
            throw new RequestException(StatusCodes.Status400BadRequest, $"the request is not JSON: {malformed.Message}");
        }
    }
}
