using GpuMem.Page.Cluster;
using GpuMem.Page.Server;
using GpuMem.TestKit.InMemory;
using Microsoft.Extensions.Time.Testing;

namespace GpuMem.Page.Tests.Support;

/// <summary>A page for a cluster with one pool of H100, a job that fits it and a server that does not.</summary>
internal sealed class ShownCluster : IAsyncDisposable
{
    private readonly ClusterReader _reader;

    private ShownCluster(InMemoryApi api, FakeTimeProvider clock)
    {
        (Api, Clock) = (api, clock);
        _reader = new ClusterReader(api, "test", clock);
    }

    public InMemoryApi Api { get; }

    public FakeTimeProvider Clock { get; }

    public RunningPage Page { get; private set; } = null!;

    /// <param name="onCall">What the API server does with a call, <c>list nodes</c>; what it throws is the answer.</param>
    public static async Task<ShownCluster> StartAsync(Action<string>? onCall = null)
    {
        var api = new InMemoryApi();
        await api.CreateAsync(Example.Node("node-1"), default);
        await api.CreateAsync(Example.Job("tiny", Example.Small), default);
        await api.CreateAsync(Example.Server("large", Example.With(Example.LargeServer, "tensor", "1")), default);
        api.OnCall = onCall ?? (_ => { });
        var shown = new ShownCluster(api, new FakeTimeProvider());
        shown.Page = await RunningPage.StartAsync(new PageOptions(), shown._reader);
        return shown;
    }

    public async ValueTask DisposeAsync()
    {
        await Page.DisposeAsync();
        _reader.Dispose();
    }
}
