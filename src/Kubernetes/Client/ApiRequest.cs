using System.Net.Http.Headers;

namespace GpuMem.Kubernetes.Client;

/// <summary>One call, in a form that can be sent more than once.</summary>
internal sealed record ApiRequest(HttpMethod Method, string Path)
{
    private static readonly ProductInfoHeaderValue UserAgent = new("gpumem", typeof(ApiRequest).Assembly.GetName().Version?.ToString(3));

    /// <summary>The representation that is asked for.</summary>
    internal string Accept { get; init; } = "application/json";

    internal ReadOnlyMemory<byte> Body { get; init; }

    internal string? ContentType { get; init; }

    /// <summary>Doing it twice is the same as doing it once, so it may be repeated when nobody knows whether it was done.</summary>
    internal bool Idempotent { get; init; } = Method != HttpMethod.Post;

    /// <summary>Never repeated: whoever asks has a loop of his own.</summary>
    internal bool Once { get; init; }

    /// <summary>Asked before each attempt to write; null when nobody forbids it.</summary>
    internal Func<bool>? MayWrite { get; init; }

    /// <param name="host">Where it goes.</param>
    /// <param name="serverName">The name to expect there; the handler takes the name of the TLS handshake from the Host header.</param>
    internal HttpRequestMessage ToMessage(Uri host, string? serverName)
    {
        HttpRequestMessage message = new(Method, new Uri(host, Path))
        {
            // One connection carries all watches, and its pings notice a dead peer.
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        message.Headers.Host = serverName;
        message.Headers.Accept.ParseAdd(Accept);
        message.Headers.UserAgent.Add(UserAgent);
        Func<bool>? mayWrite = Method == HttpMethod.Get ? null : MayWrite;
        if (mayWrite is not null)
            FenceHandler.Guard(message, mayWrite);
        if (ContentType is not null)
        {
            message.Content = mayWrite is null ? new ReadOnlyMemoryContent(Body) : new FencedContent(Body, mayWrite);
            message.Content.Headers.ContentType = new MediaTypeHeaderValue(ContentType);
        }

        return message;
    }
}
