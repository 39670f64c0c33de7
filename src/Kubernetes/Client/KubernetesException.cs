namespace GpuMem.Kubernetes;

/// <summary>
/// The API server answered, and the answer was no. The message is the server's, or the HTTP status: never a response body,
/// which may hold somebody's secrets.
/// </summary>
public sealed class KubernetesException : Exception
{
    private const int LongestRetryAfter = 300;

    public KubernetesException(V1Status status)
        : base(Describe(status)) => Status = status;

    public V1Status Status { get; }

    public HttpStatusCode StatusCode => (HttpStatusCode)(Status.Code ?? 0);

    /// <summary>How long the server asks us to stay away, at most five minutes: a maintenance page may name a day of next year.</summary>
    public TimeSpan? RetryAfter => Status.Details?.RetryAfterSeconds is { } seconds and > 0 ? TimeSpan.FromSeconds(Math.Min(seconds, LongestRetryAfter)) : null;

    public bool IsNotFound => Is(404, "NotFound");

    public bool IsConflict => Is(409, "Conflict") && !IsAlreadyExists;

    public bool IsAlreadyExists => Status.Reason == "AlreadyExists";

    /// <summary>The resource version or continue token is too old. Both reasons are in use.</summary>
    public bool IsGone => Is(410, "Gone") || Status.Reason == "Expired";

    /// <summary>The server has not yet seen the resource version asked for, as after a restore of etcd.</summary>
    public bool IsTooLargeResourceVersion =>
        Status.Details?.Causes?.Any(cause => cause.Reason == "ResourceVersionTooLarge") == true
        || (Status.Message?.Contains("Too large resource version", StringComparison.Ordinal) == true && Is(504, "Timeout"));

    /// <summary>Something is wrong with the server, or with what stands before it, and not with what was asked.</summary>
    public bool IsServerError => Status.Code is 500 or 502 or 503 or 504 && !IsTooLargeResourceVersion;

    public bool IsTooManyRequests => Is(429, "TooManyRequests");

    private static string Describe(V1Status status)
    {
        string what = status.Message is { Length: > 0 } message ? message : status.Reason ?? "the API server gave no reason";
        return status.Code is { } code ? $"{what} (HTTP {code})" : what;
    }

    private bool Is(int code, string reason) => Status.Code == code || Status.Reason == reason;
}
