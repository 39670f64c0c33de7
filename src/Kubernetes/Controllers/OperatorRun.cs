using GpuMem.Kubernetes.Informers;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GpuMem.Kubernetes.Controllers;

/// <summary>Follows always, acts while it leads. Losing the lease ends the process: a fresh one has no stale state.</summary>
internal sealed class OperatorRun(
    IEnumerable<ICache> caches, IEnumerable<ILeaderTask> tasks, Leadership leadership, IHostApplicationLifetime lifetime, ILogger<OperatorRun> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Task following = Task.WhenAll(caches.Select(cache => cache.RunAsync(stoppingToken)));
        await Task.WhenAll(caches.Select(cache => cache.WaitForSyncAsync(stoppingToken)));
        if (!await leadership.RunAsync(ActAsync, stoppingToken))
        {
            logger.LeaseLost();
            Environment.ExitCode = 1;
            lifetime.StopApplication();
        }

        await following;
    }

    private Task ActAsync(CancellationToken cancellationToken) => Task.WhenAll(tasks.Select(task => task.RunAsync(cancellationToken)));
}
