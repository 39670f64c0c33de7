using Microsoft.Extensions.Hosting;

namespace GpuMem.Kubernetes.Controllers;

/// <summary>Follows always, acts while it leads. Losing the lease ends the process: a fresh one has no stale state.</summary>
internal sealed class OperatorRun(
    IEnumerable<ICache> caches, IEnumerable<ILeaderTask> tasks, Leadership leadership, IHostApplicationLifetime lifetime, ILogger<OperatorRun> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await SideBySide.RunAsync([.. caches.Select<ICache, Func<CancellationToken, Task>>(cache => cache.RunAsync), LeadAsync], stoppingToken);
        }
        catch (Exception) when (!stoppingToken.IsCancellationRequested)
        {
            // The host says what it was, and stops.
            Environment.ExitCode = 1;
            throw;
        }
    }

    private async Task LeadAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(caches.Select(cache => cache.WaitForSyncAsync(cancellationToken)));
        if (await leadership.RunAsync(ActAsync, cancellationToken))
            return;
        logger.LeaseLost();
        Environment.ExitCode = 1;
        lifetime.StopApplication();
    }

    private Task ActAsync(CancellationToken cancellationToken) =>
        SideBySide.RunAsync(tasks.Select<ILeaderTask, Func<CancellationToken, Task>>(task => task.RunAsync), cancellationToken);
}
