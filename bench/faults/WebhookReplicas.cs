using System.Net;
using GpuMem.Bench.Common;
using GpuMem.TestKit;

namespace GpuMem.Bench.Faults;

/// <summary>Replicas of the webhook as a Deployment has them, instead of the installation's one: started, found ready, told to stop.</summary>
internal sealed class WebhookReplicas : IAsyncDisposable
{
    private static readonly TimeSpan Notice = TimeSpan.FromSeconds(1);

    private readonly Cluster _cluster;

    private readonly string[] _args;

    private readonly Balancer _balancer = new();

    private readonly List<(GpuMemProcess Process, int Port, int HealthPort)> _serving = [];

    private readonly List<GpuMemProcess> _stopping = [];

    private string _kubeconfig = "";

    private WebhookReplicas(Cluster cluster, string[] args) => (_cluster, _args) = (cluster, args);

    public IReadOnlyList<int> Ports => [.. _serving.Select(replica => replica.Port)];

    public IReadOnlyList<int> HealthPorts => [.. _serving.Select(replica => replica.HealthPort)];

    public IReadOnlyList<GpuMemProcess> Processes => [.. _serving.Select(replica => replica.Process)];

    /// <summary>Those that were told to stop and went by themselves.</summary>
    public int StoppedWell { get; private set; }

    public static async Task<WebhookReplicas> StartAsync(Cluster cluster, int count, params string[] args) =>
        await StartAsync(cluster, await cluster.ControlPlane.KubeconfigForAsync(InstalledGpuMem.Namespace, "gpumem-webhook"), count, args);

    /// <param name="cluster">Whose webhook they take the place of.</param>
    /// <param name="kubeconfig">How they reach the API server.</param>
    /// <param name="count">How many.</param>
    /// <param name="args">Further arguments.</param>
    public static async Task<WebhookReplicas> StartAsync(Cluster cluster, string kubeconfig, int count, params string[] args)
    {
        await cluster.StopWebhookAsync();
        var replicas = new WebhookReplicas(cluster, args) { _kubeconfig = kubeconfig };
        for (var i = 0; i < count; i++)
            await replicas.AddAsync();
        await cluster.SendReviewsToAsync(replicas._balancer.Port);
        return replicas;
    }

    public async Task AddAsync()
    {
        var (port, health) = (MeasuredProcess.FreePort(), MeasuredProcess.FreePort());
        var process = GpuMemProcess.Start(
            ["webhook", "--kubeconfig", _kubeconfig, "--namespace", InstalledGpuMem.Namespace, "--address", "127.0.0.1", "--port", $"{port}", "--health-port", $"{health}", .. _args]);
        _serving.Add((process, port, health));
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{health}") };
        if (await Cluster.UntilAsync(async () => await IsReadyAsync(http), TimeSpan.FromMinutes(1)) is null)
            throw new InvalidOperationException($"a webhook did not become ready:\n{process.Log}");
        _balancer.Ports = Ports;
    }

    /// <summary>As a Deployment with maxUnavailable 0 and maxSurge 1: each gets a successor first and is told to stop then. Connections to it go on for a moment.</summary>
    public async Task RestartAllAsync()
    {
        for (var left = _serving.Count; left > 0; left--)
        {
            await AddAsync();
            var old = _serving[0].Process;
            await old.TerminateAsync();
            await Task.Delay(Notice);
            _serving.RemoveAt(0);
            _balancer.Ports = Ports;
            _stopping.Add(old);
        }
    }

    /// <summary>Waits until those that were told to stop are gone.</summary>
    public async Task DrainedAsync()
    {
        foreach (var process in _stopping)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(40));
            await process.WaitForExitAsync(patience.Token);
            StoppedWell += process.ExitCode == 0 ? 1 : 0;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _serving.Select(replica => replica.Process).Concat(_stopping))
            await process.DisposeAsync();
        _balancer.Dispose();
        await _cluster.StartWebhookAsync();
    }

    private static async Task<bool> IsReadyAsync(HttpClient http)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri("/readyz", UriKind.Relative));
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
