using GpuMem.Api.Cluster;
using GpuMem.Operator.Inventory;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuMem.Operator.Tests.Support;

/// <summary>An API server in memory, and the view of it that informers keep.</summary>
internal sealed class LiveCluster : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();

    private Task _following = Task.CompletedTask;

    public LiveCluster()
    {
        View = new ClusterView(Api, NullLoggerFactory.Instance, Clock);
        Allocations = new Allocations(Api, NullLoggerFactory.Instance, Clock);
    }

    public InMemoryApi Api { get; } = new();

    public SettableClock Clock { get; } = new();

    public ClusterView View { get; }

    public Allocations Allocations { get; }

    public static Task<LiveCluster> StartAsync(params V1Node[] nodes) => StartAsync([], nodes);

    /// <param name="pods">Pods that hold GPUs.</param>
    /// <param name="nodes">The nodes.</param>
    public static async Task<LiveCluster> StartAsync(V1Pod[] pods, V1Node[] nodes)
    {
        var cluster = new LiveCluster();
        foreach (var pod in pods)
            await cluster.Api.CreateAsync(pod, CancellationToken.None);
        foreach (var node in nodes)
            await cluster.Api.CreateAsync(node, CancellationToken.None);
        cluster._following = Task.WhenAll(cluster.View.RunAsync(cluster._stop.Token), cluster.Allocations.RunAsync(cluster._stop.Token));
        await cluster.View.WaitForSyncAsync(cluster._stop.Token);
        await cluster.Allocations.WaitForSyncAsync(cluster._stop.Token);
        return cluster;
    }

    /// <summary>Changes something and waits until the view has noticed that pools may have changed.</summary>
    public async Task ChangePoolsAsync(Func<Task> change)
    {
        var noticed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Notice() => noticed.TrySetResult();
        View.InventoryChanged += Notice;
        await change();
        await noticed.Task.WaitAsync(TimeSpan.FromSeconds(60));
        View.InventoryChanged -= Notice;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _following;
        _stop.Dispose();
    }
}
