using GpuMem.Kubernetes.LeaderElection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GpuMem.Kubernetes.Controllers;

/// <summary>Follows always, acts while it leads. Losing the lease ends the process: a fresh one has no stale state.</summary>
internal sealed class OperatorRun(
    IEnumerable<Following> caches,
    IEnumerable<Acting> controllers,
    OperatorSettings settings,
    IKubernetesClient client,
    IHostApplicationLifetime lifetime,
    TimeProvider timeProvider,
    ILogger<LeaderElector> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Task following = Task.WhenAll(caches.Select(cache => cache.RunAsync(stoppingToken)));
        await Task.WhenAll(caches.Select(cache => cache.WaitForSyncAsync(stoppingToken)));
        if (settings.LeaderElection is { } config)
            await LeadAsync(new LeaderElector(config(client), logger, timeProvider), stoppingToken);
        else
            await ActAsync(stoppingToken);
        await following;
    }

    private async Task LeadAsync(LeaderElector elector, CancellationToken stoppingToken)
    {
        await elector.RunUntilLeadershipLostAsync(ActAsync, stoppingToken);
        if (stoppingToken.IsCancellationRequested)
            return;
        Environment.ExitCode = 1;
        lifetime.StopApplication();
    }

    private Task ActAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(controllers.Select(controller => controller.RunAsync(cancellationToken)));
}
