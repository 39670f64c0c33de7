using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace GpuMem.Webhook;

/// <summary>
/// An API server uses a connection for as long as it is open, and so the replica behind it (kubernetes/kubernetes#75791). After twenty seconds
/// or so the next answer ends it: a replica that has just started gets its share.
/// </summary>
internal static class ConnectionAge
{
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(20);

    private static readonly object End = new();

    public static void Limit(ListenOptions listen, TimeProvider timeProvider) => listen.Use(next => connection =>
    {
        // Half to one and a half times that: not all at once.
        connection.Items[End] = timeProvider.GetUtcNow() + (0.5 + Random.Shared.NextDouble()) * Usual;
        return next(connection);
    });

    /// <summary>This answer should be the last one on its connection.</summary>
    public static bool IsReached(HttpContext context, TimeProvider timeProvider) =>
        context.Features.Get<IConnectionItemsFeature>()?.Items.TryGetValue(End, out var end) == true && end is DateTimeOffset time && timeProvider.GetUtcNow() > time;
}
