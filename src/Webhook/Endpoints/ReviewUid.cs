using System.Text.Json;

namespace GpuMem.Webhook.Endpoints;

/// <summary>The uid of a review of which only the beginning is there, so that it can be answered.</summary>
internal static class ReviewUid
{
    /// <summary>Null when it is not in there. An API server writes it first of the request.</summary>
    public static string? In(ReadOnlySpan<byte> beginning)
    {
        var reader = new Utf8JsonReader(beginning, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = AdmissionReviewSerializer.MaxDepth }));
        try
        {
            var inRequest = false;
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName)
                    continue;
                if (reader.CurrentDepth == 1)
                    inRequest = reader.ValueTextEquals("request"u8);
                else if (inRequest && reader.CurrentDepth == 2 && reader.ValueTextEquals("uid"u8))
                    return reader.Read() && reader.TokenType == JsonTokenType.String && reader.GetString() is { Length: > 0 } uid ? uid : null;
            }

            return null;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
