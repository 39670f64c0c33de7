using System.Globalization;

namespace GpuMem.TestKit.Faults;

/// <summary>An answer that the API server did not give.</summary>
public sealed record InjectedFault(int Code, string Reason, string Message, TimeSpan? RetryAfter = null)
{
    /// <summary>In a stream that began well, as the API server ends a watch whose history was compacted.</summary>
    public bool InStream { get; init; }

    public static InjectedFault Gone { get; } = new(410, "Expired", "too old resource version: 1 (2)");

    public static InjectedFault GoneInStream { get; } = Gone with { InStream = true };

    public static InjectedFault InternalError { get; } = new(500, "InternalError", "an injected fault");

    public static InjectedFault TooManyRequests(TimeSpan retryAfter) =>
        new(429, "TooManyRequests", "too many requests, please try again later", retryAfter);

    public static InjectedFault Unavailable(TimeSpan? retryAfter = null) =>
        new(503, "ServiceUnavailable", "the server is currently unable to handle the request", retryAfter);

    internal string Status =>
        $$"""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"{{Message}}","reason":"{{Reason}}",{{Details}}"code":{{Code}}}""";

    internal string ErrorEvent => $$"""{"type":"ERROR","object":{{Status}}}""" + "\n";

    internal string? RetryAfterSeconds => RetryAfter is { } wait ? ((long)wait.TotalSeconds).ToString(CultureInfo.InvariantCulture) : null;

    private string Details => RetryAfterSeconds is { } seconds ? $$"""
        "details":{"retryAfterSeconds":{{seconds}}},
        """ : "";
}
