using GpuMem.Api.Cluster;
using Microsoft.Extensions.Hosting;

namespace GpuMem.Operator;

/// <summary>Starting, and reading the first lists, takes far more memory than following changes does: it goes back to the node once all caches are filled.</summary>
internal sealed class StartUpMemory(IEnumerable<ICache> caches) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.WhenAll(caches.Select(cache => cache.WaitForSyncAsync(stoppingToken)));
        StartUpPages.GiveBack();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
