using GpuMem.Api.Cluster;
using GpuMem.Api.ModelServers;
using GpuMem.Api.TrainingJobs;
using GpuMem.Kubernetes.Controllers;
using GpuMem.Webhook.Certificates;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GpuMem.Webhook;

/// <summary>Brings the webhook to the point where it may be asked, and keeps it there.</summary>
internal sealed partial class WebhookService(
    WebhookOptions options,
    ClusterView cluster,
    ControllerLoop<TrainingJob> jobs,
    ControllerLoop<ModelServer> servers,
    ICertificateSource certificate,
    Readiness readiness,
    TimeProvider timeProvider,
    ILogger<WebhookService> logger) : BackgroundService, IHostedLifecycleService
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    /// <summary>Before any service stops, the listener first of all: so requests are still answered meanwhile.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        readiness.Stopping();
        LogStopping(options.ShutdownDelay.TotalSeconds);
        await Task.Delay(options.ShutdownDelay, timeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var follow = Task.WhenAll(cluster.RunAsync(stoppingToken), jobs.RunAsync(stoppingToken), servers.RunAsync(stoppingToken), certificate.RunAsync(stoppingToken));
        readiness.Waiting("the certificate");
        await UntilItWorksAsync(ServeAsync, stoppingToken);
        readiness.Waiting("the caches of nodes, pools, jobs and servers");
        await cluster.WaitForSyncAsync(stoppingToken);
        readiness.Waiting("the warm-up request");
        WarmUp.Run();
        if (!await UntilItWorksAsync(certificate.RefreshAsync, stoppingToken))
            LogNotRegistered(options.ConfigurationName);
        readiness.Ready();
        LogReady(options.Port, cluster.Inventory.Entries.Count, cluster.Jobs.Store.Count, cluster.Servers.Store.Count);
        StartUpPages.GiveBack();
        // What reviews need comes back before the first of them.
        WarmUp.Run();
        // Reading the first lists took far more memory than following changes will: it goes back to the node.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        await Task.WhenAll(follow, KeepRegisteredAsync(stoppingToken));
    }

    private async Task<bool> ServeAsync(CancellationToken cancellationToken)
    {
        await certificate.ServeAsync(cancellationToken);
        return true;
    }

    private async Task KeepRegisteredAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await certificate.DueAsync(stoppingToken);
            await UntilItWorksAsync(certificate.RefreshAsync, stoppingToken);
        }
    }

    private async Task<T> UntilItWorksAsync<T>(Func<CancellationToken, Task<T>> attempt, CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                return await attempt(stoppingToken);
            }
            catch (Exception error) when (error is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                LogRetry(error.Message, RetryAfter.TotalSeconds);
                await Task.Delay(RetryAfter, timeProvider, stoppingToken);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Ready on port {Port}: {Pools} GPU pools, {Jobs} TrainingJobs, {Servers} ModelServers")]
    private partial void LogReady(int port, int pools, int jobs, int servers);

    [LoggerMessage(2, LogLevel.Warning, "Not registered: no validating or mutating webhook configuration '{Name}' yet; it is looked for every 30 s")]
    private partial void LogNotRegistered(string name);

    [LoggerMessage(3, LogLevel.Warning, "{Message}; trying again in {Seconds} s")]
    private partial void LogRetry(string message, double seconds);

    [LoggerMessage(4, LogLevel.Information, "Stopping: serving for {Seconds} s more, for connections that are still open")]
    private partial void LogStopping(double seconds);
}
