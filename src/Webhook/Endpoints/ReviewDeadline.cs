using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace GpuMem.Webhook.Endpoints;

/// <summary>
/// How long a review may take: the API server says in its <c>timeout</c> how long it waits. Our answer must be there before, because what it
/// says itself when its patience ends, "context deadline exceeded", helps nobody.
/// </summary>
internal static class ReviewDeadline
{
    /// <summary>The API server's own default.</summary>
    private static readonly TimeSpan Unknown = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Reserve = TimeSpan.FromSeconds(1);

    public static TimeSpan Of(HttpRequest request)
    {
        var given = Given(request.QueryString) ?? Unknown;
        return given - Reserve > given / 2 ? given - Reserve : given / 2;
    }

    /// <summary>Whole seconds from 0 to 30, <c>10s</c>: a webhook configuration allows nothing else.</summary>
    private static TimeSpan? Given(QueryString query)
    {
        foreach (var parameter in new QueryStringEnumerable(query.Value))
            if (parameter.EncodedName.Span is "timeout" && parameter.EncodedValue.Span is [.. var number, 's'] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= 30)
                return TimeSpan.FromSeconds(seconds);
        return null;
    }
}
