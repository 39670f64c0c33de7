using GpuMem.Kubernetes.Informers;

namespace GpuMem.Kubernetes.Tests.Informers;

public sealed class StreamingListTests : IAsyncLifetime
{
    private static readonly TimeSpan WhileAway = TimeSpan.FromSeconds(0.4);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);
    private static readonly NamespacedName A = new("default", "a");

    private readonly ManualTime _time = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Signals<string> _told = new();
    private readonly RecordingLogger<StreamingListTests> _log = new();
    private FakeApiServer _api = null!;
    private KubernetesClient _client = null!;
    private Informer<V1Pod, string> _informer = null!;
    private Task _running = null!;

    public async ValueTask InitializeAsync()
    {
        _api = await FakeApiServer.StartAsync();
        _client = _api.Client(_time);
        // Of each pod only its UID is kept, and none of those called "boring".
        _informer = new Informer<V1Pod, string>(
            _client, new InformerOptions { PageSize = 2 }, pod => pod.Name() == "boring" ? null : pod.Uid(), _log, _time, () => 0);
        _informer.Subscribe(change => _told.Add($"{change.Type} {change.Name.Name}"));
        _running = _informer.RunAsync(_stop.Token);
    }

    [Fact]
    public async Task R18_Nobody_sees_the_list_before_its_last_event_and_the_stream_goes_on_as_the_watch()
    {
        FakeCall stream = await _api.NextAsync();
        Assert.Equal(
            ("true", "true", "NotOlderThan", "true", null),
            (stream["watch"], stream["sendInitialEvents"], stream["resourceVersionMatch"], stream["allowWatchBookmarks"], stream["resourceVersion"]));
        await stream.SendEventAsync("ADDED", Json.Pod("a", "7"));
        await stream.SendEventAsync("ADDED", Json.Pod("boring", "8"));
        await stream.SendEventAsync("ADDED", Json.Pod("gone", "8"));
        await stream.SendEventAsync("DELETED", Json.Pod("gone", "9"));
        // An ordinary bookmark is not the end.
        await stream.SendEventAsync("BOOKMARK", Json.Bookmark("9"));
        Assert.False(_informer.HasSynced);
        Assert.Equal(0, _informer.Store.Count);
        await stream.SendEventAsync("BOOKMARK", Json.InitialEventsEnd("10"));
        await _informer.WaitForSyncAsync(default);
        Assert.Equal("Added a", await _told.NextAsync());
        Assert.Equal("uid-of-a", Assert.Single(_informer.Store.List()));

        await stream.SendEventAsync("DELETED", Json.Pod("a", "11"));
        Assert.Equal("Deleted a", await _told.NextAsync());
        stream.End();
        FakeCall watch = await _api.NextAsync();
        Assert.Equal(("11", null), (watch["resourceVersion"], watch["sendInitialEvents"]));
    }

    [Theory]
    [InlineData(422, "Invalid", false)]
    [InlineData(400, "BadRequest", false)]
    [InlineData(403, "Forbidden", true)]
    public async Task R18_A_server_that_refuses_is_asked_for_a_list(int code, string reason, bool askedAgainLater)
    {
        await (await _api.NextAsync()).FailAsync(code, reason);
        FakeCall list = await _api.NextAsync();
        Assert.Equal((null, "0"), (list["watch"], list["resourceVersion"]));
        await list.ReplyListAsync("10", null, Json.Pod("a", "1"));
        FakeCall watch = await _api.NextAsync();
        await watch.StartAsync();
        await watch.SendEventAsync("ERROR", Json.Status(410, "Gone"));
        Assert.Equal(askedAgainLater ? "true" : null, (await _api.NextAsync())["sendInitialEvents"]);
    }

    [Fact]
    public async Task R19_A_stream_that_breaks_before_its_last_event_starts_again_with_nothing()
    {
        FakeCall stream = await _api.NextAsync();
        await stream.SendEventAsync("ADDED", Json.Pod("deleted-meanwhile", "7"));
        stream.Abort();
        await _time.PassAsync(WhileAway);
        stream = await _api.NextAsync();
        Assert.Equal("true", stream["sendInitialEvents"]);
        await stream.SendEventAsync("ADDED", Json.Pod("a", "8"));
        await stream.SendEventAsync("BOOKMARK", Json.InitialEventsEnd("10"));
        Assert.Equal("Added a", await _told.NextAsync());
        Assert.Equal(1, _informer.Store.Count);
    }

    [Fact]
    public async Task R24_A_stream_that_has_told_nothing_for_ten_seconds_is_given_up_for_a_plain_list()
    {
        FakeCall stream = await _api.NextAsync();
        await stream.SendEventAsync("ADDED", Json.Pod("deleted-meanwhile", "7"));
        await _time.TimerAsync(set => set == Silence);
        await _time.PassAsync(Silence);
        await stream.Aborted.Task;
        FakeCall list = await _api.NextAsync();
        Assert.Equal((null, "0"), (list["watch"], list["resourceVersion"]));
        Assert.Contains("tells nothing for 10 s", await _log.Lines.NextAsync(), StringComparison.Ordinal);
        Assert.True(Assert.Single(_informer.Status).StreamFellSilent);
        await list.ReplyListAsync("10", null, Json.Pod("a", "1"));
        Assert.Equal("Added a", await _told.NextAsync());
        Assert.Equal(1, _informer.Store.Count);
        Assert.Equal("10", (await _api.NextAsync())["resourceVersion"]);
    }

    [Fact]
    public async Task R24_A_stream_that_does_not_even_begin_is_given_up_as_well()
    {
        FakeCall stream = await _api.NextAsync();
        await _time.PassAsync(Silence);
        await stream.Aborted.Task;
        Assert.Null((await _api.NextAsync())["watch"]);
    }

    [Fact]
    public async Task R24_A_stream_may_take_long_as_long_as_it_tells_something_readable_or_not()
    {
        FakeCall stream = await _api.NextAsync();
        foreach (string pod in new[] { Json.Pod("a", "7"), Json.UnreadablePod("b", "8"), Json.Pod("boring", "9"), Json.Pod("c", "9") })
        {
            await _time.TimerAsync(set => set == Silence);
            _time.Advance(Silence - TimeSpan.FromSeconds(1));
            await stream.SendEventAsync("ADDED", pod);
        }

        await _time.TimerAsync(set => set == Silence);
        _time.Advance(Silence - TimeSpan.FromSeconds(1));
        await stream.SendEventAsync("BOOKMARK", Json.InitialEventsEnd("10"));
        await _informer.WaitForSyncAsync(default);
        // Once it is complete, it is a watch, and a quiet one is nothing out of the ordinary.
        _time.Advance(Silence * 3);
        await stream.SendEventAsync("DELETED", Json.Pod("a", "11"));
        Assert.Equal(["Added a", "Added c", "Deleted a"], new[] { await _told.NextAsync(), await _told.NextAsync(), await _told.NextAsync() }.Order());
        Assert.False(Assert.Single(_informer.Status).StreamFellSilent);
    }

    [Fact]
    public async Task R24_Where_streams_fall_silent_lists_are_plain_for_ten_minutes()
    {
        await _api.NextAsync();
        await _time.PassAsync(Silence);
        await (await _api.NextAsync()).ReplyListAsync("10", null, Json.Pod("a", "1"));
        FakeCall watch = await _api.NextAsync();
        await watch.SendEventAsync("ERROR", Json.Status(410, "Gone"));
        FakeCall list = await _api.NextAsync();
        Assert.Equal((null, "10"), (list["watch"], list["resourceVersion"]));
        await list.ReplyListAsync("20", null, Json.Pod("a", "1"));
        watch = await _api.NextAsync();
        for (int round = 0; round < 3; round++)
        {
            _time.Advance(TimeSpan.FromMinutes(4));
            watch.End();
            watch = await _api.NextAsync();
        }

        Assert.True(Assert.Single(_informer.Status).StreamFellSilent);
        await watch.SendEventAsync("ERROR", Json.Status(410, "Gone"));
        FakeCall stream = await _api.NextAsync();
        Assert.Equal("true", stream["sendInitialEvents"]);
        await stream.SendEventAsync("ADDED", Json.Pod("b", "21"));
        await stream.SendEventAsync("BOOKMARK", Json.InitialEventsEnd("30"));
        Assert.Equal(["Added a", "Added b", "Deleted a"], new[] { await _told.NextAsync(), await _told.NextAsync(), await _told.NextAsync() }.Order());
        Assert.False(Assert.Single(_informer.Status).StreamFellSilent);
    }

    [Fact]
    public async Task R24_Where_the_plain_list_gets_no_answer_either_the_stream_is_not_to_blame()
    {
        await _api.NextAsync();
        await _time.PassAsync(Silence);
        (await _api.NextAsync()).Abort();
        await _time.PassAsync(WhileAway);
        Assert.Equal("true", (await _api.NextAsync())["sendInitialEvents"]);
        Assert.False(Assert.Single(_informer.Status).StreamFellSilent);
    }

    [Fact]
    public async Task R18_What_the_stream_tells_and_cannot_be_read_stays_as_it_last_was()
    {
        FakeCall stream = await _api.NextAsync();
        await stream.SendEventAsync("ADDED", Json.Pod("a", "7"));
        await stream.SendEventAsync("BOOKMARK", Json.InitialEventsEnd("10"));
        Assert.Equal("Added a", await _told.NextAsync());
        await stream.SendEventAsync("ERROR", Json.Status(410, "Gone"));
        stream = await _api.NextAsync();
        await stream.SendEventAsync("ADDED", Json.UnreadablePod("a", "12"));
        await stream.SendEventAsync("ADDED", Json.Pod("b", "13"));
        await stream.SendEventAsync("BOOKMARK", Json.InitialEventsEnd("20"));
        Assert.Equal("Added b", await _told.NextAsync());
        Assert.NotNull(_informer.Store.Get(A));
    }

    [Fact]
    public async Task I10_What_is_no_longer_wanted_is_removed()
    {
        FakeCall stream = await _api.NextAsync();
        await stream.SendEventAsync("ADDED", Json.Pod("a", "7"));
        await stream.SendEventAsync("BOOKMARK", Json.InitialEventsEnd("10"));
        Assert.Equal("Added a", await _told.NextAsync());
        await stream.SendEventAsync("MODIFIED", Json.Pod("boring", "11"));
        await stream.SendEventAsync("ADDED", Json.Pod("b", "12"));
        Assert.Equal("Added b", await _told.NextAsync());
        Assert.Equal(2, _informer.Store.Count);
    }

    [Fact]
    public async Task I5_A_subscriber_has_synced_only_when_it_has_been_told_everything()
    {
        using ManualResetEventSlim release = new();
        using Subscription<string> slow = _informer.Subscribe(_ => release.Wait());
        Assert.False(slow.HasSynced);
        FakeCall stream = await _api.NextAsync();
        await stream.SendEventAsync("ADDED", Json.Pod("a", "7"));
        await stream.SendEventAsync("BOOKMARK", Json.InitialEventsEnd("10"));
        await _informer.WaitForSyncAsync(default);
        Assert.False(slow.HasSynced);
        release.Set();
        await slow.WaitForSyncAsync(default).WaitAsync(TimeSpan.FromSeconds(60));
        using Subscription<string> late = _informer.Subscribe(_ => { });
        await late.WaitForSyncAsync(default).WaitAsync(TimeSpan.FromSeconds(60));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _client.Dispose();
        await _api.DisposeAsync();
        _stop.Dispose();
    }
}
