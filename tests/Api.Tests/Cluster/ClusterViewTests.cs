using GpuMem.Api.Cluster;
using GpuMem.Api.Tests.NodeLabels;
using GpuMem.TestKit;
using GpuMem.TestKit.InMemory;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuMem.Api.Tests.Clusters;

public sealed class ClusterViewTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly InMemoryApi _api = new();

    private readonly CancellationTokenSource _stop = new();

    private Task _following = Task.CompletedTask;

    [Fact]
    public async Task Who_is_told_that_pools_changed_finds_them_changed()
    {
        await _api.CreateAsync(Nodes.H100x8("one", "first"), CancellationToken.None);
        using var told = new SemaphoreSlim(0);
        var view = new ClusterView(_api, NullLoggerFactory.Instance, TimeProvider.System);
        Assert.Empty(view.Inventory.Entries);
        view.InventoryChanged += () => told.Release();
        _following = view.RunAsync(_stop.Token);
        await view.WaitForSyncAsync(_stop.Token).WaitAsync(Patience);
        Assert.True(await told.WaitAsync(Patience));
        var before = view.Inventory;
        Assert.Equal("first", Assert.Single(before.Pools).Name);

        await _api.CreateAsync(Nodes.H100x8("two", "second"), CancellationToken.None);
        Assert.True(await told.WaitAsync(Patience));

        Assert.Equal(["first", "second"], view.Inventory.Pools.Select(pool => pool.Name));
        Assert.Same(before.Find("first"), view.Inventory.Find("first"));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _following;
        _stop.Dispose();
    }
}
