namespace GpuMem.Kubernetes.Client;

/// <summary>Turns an answer that is not a success into an exception.</summary>
internal static class ErrorResponse
{
    private const int MaxBody = 64 * 1024;

    internal static async Task<KubernetesException> ReadAsync(
        ApiRequest request, HttpResponseMessage response, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        V1Status status = await ReadStatusAsync(response, cancellationToken) ?? new V1Status
        {
            // A proxy's page, or nothing. What it says may hold anything, so only the HTTP status goes on.
            Message = $"{request.Method} {PathOnly(request.Path)} was answered '{response.ReasonPhrase ?? response.StatusCode.ToString()}'",
        };
        status.Code = (int)response.StatusCode;
        if (RetryAfter(response, timeProvider) is { } seconds)
            (status.Details ??= new V1StatusDetails()).RetryAfterSeconds = seconds;
        return new KubernetesException(status);
    }

    private static async Task<V1Status?> ReadStatusAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(MaxBody);
        try
        {
            await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
            int length = await body.ReadAtLeastAsync(buffer.AsMemory(0, MaxBody), MaxBody, throwOnEndOfStream: false, cancellationToken);
            V1Status? status = KubernetesJson.Default.Deserialize<V1Status>(buffer.AsSpan(0, length));
            return status is { Kind: "Status" } ? status : null;
        }
        catch (Exception unreadable) when (unreadable is JsonException or IOException or HttpRequestException)
        {
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    private static int? RetryAfter(HttpResponseMessage response, TimeProvider timeProvider)
    {
        TimeSpan? wait = response.Headers.RetryAfter?.Delta ?? (response.Headers.RetryAfter?.Date - timeProvider.GetUtcNow());
        return wait is { } positive && positive > TimeSpan.Zero ? (int)Math.Min(Math.Ceiling(positive.TotalSeconds), int.MaxValue) : null;
    }

    private static string PathOnly(string path) => path.Split('?')[0];
}
