using Microsoft.AspNetCore.Http;

namespace GpuMem.Page.Server;

/// <summary>
/// Gives memory back when nobody asks any more. A slider that is moved leaves garbage by the megabyte, and a page that is open all day in a pod, or on a
/// laptop, should not hold it meanwhile.
/// </summary>
internal sealed class MemoryAtRest : IDisposable
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);

    private readonly ITimer _timer;

    public MemoryAtRest(TimeProvider time) => _timer = time.CreateTimer(
        _ => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    public async Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        await next(context);
        _timer.Change(Quiet, Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _timer.Dispose();
}
