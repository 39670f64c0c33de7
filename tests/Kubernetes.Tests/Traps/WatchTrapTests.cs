using GpuMem.Kubernetes.Informers;

namespace GpuMem.Kubernetes.Tests.Traps;

/// <summary>
/// What a watch of the package KubernetesClient does without a word, and ours must not (findings/watch-*.sh). A 410 inside a watch:
/// <see cref="Informers.ReflectorTests.R5_R6_R7_Gone_inside_the_stream_lists_again_and_reports_what_vanished"/>.
/// </summary>
public sealed class WatchTrapTests : IAsyncLifetime
{
    private static readonly TimeSpan WatchTimeout = TimeSpan.FromMinutes(5);

    // A number that the API server's int64 holds and a model's int does not.
    private const string TooLarge = """{"metadata":{"name":"b","namespace":"default","resourceVersion":"2"},"spec":{"parallelism":3000000000}}""";

    private readonly ManualTime _time = new();
    private readonly CancellationTokenSource _stop = new();
    private FakeApiServer _api = null!;
    private KubernetesClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _api = await FakeApiServer.StartAsync();
        _client = _api.Client(_time);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _stop.Dispose();
        _client.Dispose();
        await _api.DisposeAsync();
    }

    [Fact]
    public async Task A_watch_that_ends_in_its_time_without_an_event_is_no_failure_and_goes_on_where_it_was()
    {
        Informer<V1Job> informer = new(
            _client, new InformerOptions<V1Job> { StreamingList = false }, NullLogger<Informer<V1Job>>.Instance, _time, () => 0);
        Task running = informer.RunAsync(_stop.Token);
        await (await _api.NextAsync()).ReplyListAsync("10", null);
        for (int quiet = 0; quiet < 3; quiet++)
        {
            FakeCall watch = await _api.NextAsync();
            Assert.Equal(("true", "10"), (watch["watch"], watch["resourceVersion"]));
            await watch.StartAsync();
            _time.Advance(WatchTimeout);
            watch.End();
        }

        // At once: after a failure the clock, which nobody moves, would have to pass a back-off first.
        Assert.Equal("10", (await _api.NextAsync())["resourceVersion"]);
        await _stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task An_event_whose_number_does_not_fit_is_told_and_hides_no_other()
    {
        RecordingLogger<KubernetesClient> logger = new();
        using KubernetesClient client = new(_api.Configuration(), logger: logger, timeProvider: _time);
        await using IAsyncEnumerator<WatchEvent<V1Job>> events =
            client.WatchAsync<V1Job>(new ListOptions(ResourceVersion: "1"), timeout: WatchTimeout).GetAsyncEnumerator(_stop.Token);
        ValueTask<bool> next = events.MoveNextAsync();
        FakeCall call = await _api.NextAsync();
        await call.StartAsync();
        await call.SendEventAsync("ADDED", TooLarge);
        await call.SendEventAsync("ADDED", """{"metadata":{"name":"c","namespace":"default","resourceVersion":"3"}}""");
        Assert.True(await next);
        Assert.Equal("c", events.Current.Object!.Name());
        Assert.Equal(1, client.Unreadable);
        Assert.StartsWith("Skipped Job default/b, which could not be read", await logger.Lines.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_item_of_a_list_whose_number_does_not_fit_hides_no_other()
    {
        Task<EntityList<V1Job>> list = _client.ListAsync<V1Job>();
        await (await _api.NextAsync()).ReplyListAsync("9", null, TooLarge, """{"metadata":{"name":"c","namespace":"default"}}""");
        Assert.Equal("c", Assert.Single((await list).Items).Name());
        Assert.Equal("default/b", Assert.Single((await list).Unreadable).Name.ToString());
    }
}
