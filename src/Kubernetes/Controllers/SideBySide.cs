namespace GpuMem.Kubernetes.Controllers;

/// <summary>Things that run at the same time until they are cancelled.</summary>
public static class SideBySide
{
    /// <summary>The first that ends by itself ends the others: what is left would look alive and do half of the work.</summary>
    /// <exception cref="Exception">What the first failed with.</exception>
    public static async Task RunAsync(IEnumerable<Func<CancellationToken, Task>> endless, CancellationToken cancellationToken)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task> running = [Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop.Token), .. endless.Select(run => run(stop.Token))];
        Task first = await Task.WhenAny(running);
        await stop.CancelAsync();
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (first.IsFaulted || !cancellationToken.IsCancellationRequested)
            await first;
    }
}
