using GpuMem.Kubernetes.Informers;

namespace GpuMem.Kubernetes.Tests.Informers;

public sealed class ReflectorTests : IAsyncLifetime
{
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromSeconds(0.8);
    private static readonly TimeSpan WhileAway = TimeSpan.FromSeconds(0.4);

    private readonly ManualTime _time = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Signals<string> _told = new();
    private FakeApiServer _api = null!;
    private KubernetesClient _client = null!;
    private Informer<V1Pod> _informer = null!;
    private Task _running = null!;

    public async ValueTask InitializeAsync()
    {
        _api = await FakeApiServer.StartAsync();
        _client = _api.Client(_time);
        InformerOptions<V1Pod> options = new() { PageSize = 2, Transform = Trim, StreamingList = false };
        _informer = new Informer<V1Pod>(_client, options, NullLogger<Informer<V1Pod>>.Instance, _time, () => 0);
        _informer.Subscribe(change => _told.Add($"{change.Type} {change.Entity.Name()} {change.Entity.ResourceVersion()}"));
        _running = _informer.RunAsync(_stop.Token);
    }

    [Fact]
    public async Task R1_R11_The_first_list_may_come_from_the_cache_and_the_watch_goes_on_from_it()
    {
        FakeCall list = await _api.NextAsync();
        Assert.Equal(("0", "2", null), (list["resourceVersion"], list["limit"], list["continue"]));
        Assert.False(_informer.HasSynced);
        await list.ReplyListAsync("10", null, Json.Pod("a", "7", note: "long"));
        Assert.Equal("Added a 7", await _told.NextAsync());
        await _informer.WaitForSyncAsync(default);
        Assert.Equal(_time.GetUtcNow(), Assert.Single(_informer.Status).LastContact);

        FakeCall watch = await _api.NextAsync();
        Assert.Equal(("true", "10", "true", "300"), (watch["watch"], watch["resourceVersion"], watch["allowWatchBookmarks"], watch["timeoutSeconds"]));
        Assert.Null(_informer.Store.Get(new NamespacedName("default", "a"))!.Annotations());
    }

    [Fact]
    public async Task R3_R4_Pages_are_read_to_the_end_before_anybody_sees_one()
    {
        await (await _api.NextAsync()).ReplyListAsync("10", "next", Json.Pod("a", "1"), Json.Pod("b", "2"));
        FakeCall second = await _api.NextAsync();
        Assert.Equal(("next", null, "2"), (second["continue"], second["resourceVersion"], second["limit"]));
        Assert.Equal(0, _informer.Store.Count);
        Assert.True(_told.IsEmpty);
        await second.ReplyListAsync("99", null, Json.Pod("c", "3"));
        Assert.Equal("10", (await _api.NextAsync())["resourceVersion"]);
        Assert.Equal(3, _informer.Store.Count);
    }

    [Fact]
    public async Task R3_An_expired_page_token_falls_back_to_one_full_list()
    {
        await (await _api.NextAsync()).ReplyListAsync("10", "next", Json.Pod("a", "1"));
        await (await _api.NextAsync()).FailAsync(410, "Expired");
        FakeCall full = await _api.NextAsync();
        Assert.Equal(("0", null, null), (full["resourceVersion"], full["limit"], full["continue"]));
        await full.ReplyListAsync("20", null, Json.Pod("a", "1"), Json.Pod("b", "2"));
        Assert.Equal("20", (await _api.NextAsync())["resourceVersion"]);
    }

    [Theory]
    [InlineData("Expired")]
    [InlineData("Gone")]
    public async Task R5_R6_R7_Gone_inside_the_stream_lists_again_and_reports_what_vanished(string reason)
    {
        FakeCall watch = await SyncAsync();
        await watch.SendEventAsync("MODIFIED", Json.Pod("a", "11"));
        await watch.SendEventAsync("ERROR", Json.Status(410, reason));
        await AssertRelistsAsync("11");
    }

    [Theory]
    [InlineData("Expired")]
    [InlineData("Gone")]
    public async Task R5_R6_Gone_in_place_of_the_stream_does_the_same(string reason)
    {
        FakeCall watch = await SyncAsync();
        await watch.SendEventAsync("MODIFIED", Json.Pod("a", "11"));
        watch.End();
        await (await _api.NextAsync()).FailAsync(410, reason);
        await AssertRelistsAsync("11");
    }

    [Fact]
    public async Task R7_A_version_that_expires_again_within_a_minute_is_not_listed_in_a_hot_loop()
    {
        FakeCall watch = await SyncAsync();
        await watch.SendEventAsync("ERROR", Json.Status(410, "Gone"));
        await (await _api.NextAsync()).ReplyListAsync("20", null);
        await (await NextWatchAsync("20")).SendEventAsync("ERROR", Json.Status(410, "Gone"));
        await _time.PassAsync(FirstBackoff);
        await (await _api.NextAsync()).ReplyListAsync("30", null);
        await (await NextWatchAsync("30")).SendEventAsync("ERROR", Json.Status(410, "Gone"));
        await _time.PassAsync(FirstBackoff * 2);
        await (await _api.NextAsync()).ReplyListAsync("30", null);

        watch = await NextWatchAsync("30");
        _time.Advance(TimeSpan.FromMinutes(1));
        await watch.SendEventAsync("ERROR", Json.Status(410, "Gone"));
        await (await _api.NextAsync()).ReplyListAsync("40", null);
        await NextWatchAsync("40");
    }

    [Theory]
    [InlineData(410, "Expired", null)]
    [InlineData(504, "Timeout", "ResourceVersionTooLarge")]
    public async Task R1_R2_R8_A_list_that_cannot_be_had_at_a_version_is_asked_for_once_without(int code, string reason, string? cause)
    {
        FakeCall watch = await SyncAsync();
        await watch.SendEventAsync("ERROR", Json.Status(410, "Gone"));
        FakeCall list = await _api.NextAsync();
        Assert.Equal(("10", null), (list["resourceVersion"], list["limit"]));
        await list.FailAsync(code, reason, cause: cause);
        FakeCall again = await _api.NextAsync();
        Assert.Equal((null, "2"), (again["resourceVersion"], again["limit"]));
        await again.ReplyListAsync("3", null, Json.Pod("a", "2"));
        Assert.Equal("3", (await _api.NextAsync())["resourceVersion"]);
    }

    [Fact]
    public async Task R13_R15_Every_kind_of_event_moves_the_version_and_bookmarks_reach_nobody()
    {
        FakeCall watch = await SyncAsync();
        await watch.SendEventAsync("ADDED", Json.Pod("c", "11"));
        await watch.SendEventAsync("BOOKMARK", Json.Bookmark("12"));
        watch.End();
        watch = await NextWatchAsync("12");
        await watch.SendEventAsync("DELETED", Json.Pod("c", "13"));
        watch.End();
        watch = await NextWatchAsync("13");
        await watch.SendEventAsync("MODIFIED", Json.Pod("a", "14"));
        watch.End();
        await NextWatchAsync("14");
        Assert.Equal("Added c 11", await _told.NextAsync());
        // The last known state, as the store had it.
        Assert.Equal("Deleted c 11", await _told.NextAsync());
        Assert.Equal("Updated a 14", await _told.NextAsync());
        Assert.True(_told.IsEmpty);
    }

    [Fact]
    public async Task R9_Too_many_requests_tries_the_watch_again_from_the_same_place_when_told_to()
    {
        FakeCall watch = await SyncAsync();
        await watch.SendEventAsync("MODIFIED", Json.Pod("a", "11"));
        watch.End();
        await (await _api.NextAsync()).FailAsync(429, "TooManyRequests", retryAfter: 9);
        await _time.PassAsync(TimeSpan.FromSeconds(9));
        await NextWatchAsync("11");
    }

    [Fact]
    public async Task R9_A_server_that_names_a_day_of_next_year_is_asked_again_in_five_minutes()
    {
        FakeCall watch = await SyncAsync();
        await watch.SendEventAsync("MODIFIED", Json.Pod("a", "11"));
        watch.End();
        await (await _api.NextAsync()).FailAsync(503, "ServiceUnavailable", retryAfter: int.MaxValue);
        await _time.PassAsync(TimeSpan.FromMinutes(5));
        await NextWatchAsync("11");
    }

    [Fact]
    public async Task R9_R16_A_cut_connection_tries_the_watch_again_from_the_same_place()
    {
        FakeCall watch = await SyncAsync();
        await watch.SendEventAsync("MODIFIED", Json.Pod("a", "11"));
        Assert.Equal("Updated a 11", await _told.NextAsync());
        watch.Abort();
        await _time.PassAsync(WhileAway);
        watch = await NextWatchAsync("11");
        Assert.NotNull(_informer.LastError);
        await watch.SendAsync("""{"type":"MODIFIED","object":{"metadata":{"name":"half""");
        watch.End();
        await _time.PassAsync(WhileAway);
        await NextWatchAsync("11");
        Assert.Equal(2, _informer.Store.Count);
    }

    [Fact]
    public async Task R14_A_version_is_whatever_the_server_says_it_is()
    {
        await (await _api.NextAsync()).ReplyListAsync("zebra", null, Json.Pod("a", "yak"));
        FakeCall watch = await NextWatchAsync("zebra");
        await watch.SendEventAsync("MODIFIED", Json.Pod("a", "aardvark"));
        watch.End();
        await NextWatchAsync("aardvark");
        Assert.Equal("aardvark", _informer.Store.Get(new NamespacedName("default", "a"))!.ResourceVersion());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task R8_A_server_that_came_back_with_less_is_listed_anew(bool cut)
    {
        FakeCall watch = await SyncAsync();
        if (cut)
        {
            watch.Abort();
        }
        else
        {
            // What stands before the server ends the watch in good order and answers in its place.
            await watch.SendEventAsync("BOOKMARK", Json.Bookmark("10"));
            watch.End();
            await (await _api.NextAsync()).FailAsync(503, "ServiceUnavailable");
        }

        await _time.PassAsync(WhileAway);
        FakeCall probe = await _api.NextAsync();
        Assert.Equal(("metadata.name=-", "10"), (probe["fieldSelector"], probe["resourceVersion"]));
        await probe.FailAsync(504, "Timeout", cause: "ResourceVersionTooLarge");
        FakeCall list = await _api.NextAsync();
        Assert.Equal((null, null), (list["resourceVersion"], list["fieldSelector"]));
        await list.ReplyListAsync("3", null, Json.Pod("a", "1"));
        Assert.Equal("Deleted b 2", await _told.NextAsync());
        await NextWatchAsync("3");
    }

    [Fact]
    public async Task R10_A_watch_that_ends_at_once_is_not_repeated_in_a_hot_loop()
    {
        FakeCall watch = await SyncAsync();
        watch.End();
        await _time.PassAsync(WhileAway);
        watch = await NextWatchAsync("10");
        watch.End();
        await _time.PassAsync(WhileAway);
        await NextWatchAsync("10");
    }

    [Fact]
    public async Task R12_A_silent_watch_is_dropped_and_begun_again()
    {
        FakeCall watch = await SyncAsync();
        _time.Advance(TimeSpan.FromMinutes(6));
        await watch.Aborted.Task;
        await _time.PassAsync(WhileAway);
        await NextWatchAsync("10");
    }

    [Fact]
    public async Task R16_An_unreadable_object_does_not_keep_the_others_from_being_followed()
    {
        await (await _api.NextAsync()).ReplyListAsync("10", "next", Json.UnreadablePod("a", "1"), Json.Pod("b", "2"));
        await (await _api.NextAsync()).ReplyListAsync("10", null, Json.UnreadablePod("c", "3"));
        await _informer.WaitForSyncAsync(default);
        Assert.Equal("Added b 2", await _told.NextAsync());
        FakeCall watch = await NextWatchAsync("10");
        await watch.SendEventAsync("MODIFIED", Json.Pod("a", "11"));
        Assert.Equal("Added a 11", await _told.NextAsync());
        Assert.Equal(2, _client.Unreadable);
    }

    [Fact]
    public async Task What_becomes_unreadable_stays_as_it_last_was_until_it_is_deleted()
    {
        FakeCall watch = await SyncAsync();
        await watch.SendEventAsync("MODIFIED", Json.UnreadablePod("a", "11"));
        await watch.SendEventAsync("ERROR", Json.Status(410, "Gone"));
        await (await _api.NextAsync()).ReplyListAsync("20", null, Json.UnreadablePod("a", "11"));
        Assert.Equal("Deleted b 2", await _told.NextAsync());
        watch = await NextWatchAsync("20");
        Assert.Equal("1", _informer.Store.Get(new NamespacedName("default", "a"))!.ResourceVersion());

        await watch.SendEventAsync("DELETED", Json.UnreadablePod("a", "21"));
        Assert.Equal("Deleted a 1", await _told.NextAsync());
        Assert.Equal(0, _informer.Store.Count);
    }

    [Fact]
    public async Task I3_A_handler_that_throws_stops_nothing()
    {
        FakeCall watch = await SyncAsync();
        _informer.Subscribe(_ => throw new InvalidOperationException("mine"));
        await watch.SendEventAsync("MODIFIED", Json.Pod("a", "11"));
        Assert.Equal("Updated a 11", await _told.NextAsync());
    }

    [Fact]
    public async Task R21_Forbidden_is_remembered_and_tried_again()
    {
        await (await _api.NextAsync()).FailAsync(403, "Forbidden", "cannot list pods");
        await _time.PassAsync(FirstBackoff);
        FakeCall list = await _api.NextAsync();
        Assert.Contains("cannot list pods", _informer.LastError!.Message, StringComparison.Ordinal);
        await list.ReplyListAsync("1", null);
        await _informer.WaitForSyncAsync(default);
        Assert.Null(_informer.LastError);
    }

    [Fact]
    public async Task R21_Forbidden_is_tried_again_ever_more_rarely()
    {
        foreach (int doublings in Enumerable.Range(0, 4))
        {
            await (await _api.NextAsync()).FailAsync(403, "Forbidden");
            await _time.PassAsync(FirstBackoff * Math.Pow(2, doublings));
        }
    }

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task C15_A_list_that_the_server_fails_is_asked_for_again_in_a_second_however_long_it_has_failed(int code)
    {
        for (int failures = 0; failures < 6; failures++)
        {
            await (await _api.NextAsync()).FailAsync(code, "InternalError");
            // And by nobody else: the client does not repeat it.
            await _time.PassAsync(WhileAway);
        }

        await SyncAsync();
    }

    [Fact]
    public async Task C15_A_failing_server_that_asks_for_time_is_given_it()
    {
        await (await _api.NextAsync()).FailAsync(503, "ServiceUnavailable", retryAfter: 9);
        await _time.PassAsync(TimeSpan.FromSeconds(9));
        await SyncAsync();
    }

    [Fact]
    public async Task C19_A_watch_that_fails_where_lists_work_makes_for_ever_fewer_lists()
    {
        foreach (int doublings in Enumerable.Range(0, 4))
        {
            await (await _api.NextAsync()).ReplyListAsync("10", null, Json.Pod("a", "1"));
            await (await _api.NextAsync()).FailAsync(500, "InternalError");
            await _time.PassAsync(FirstBackoff * Math.Pow(2, doublings));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _client.Dispose();
        await _api.DisposeAsync();
        _stop.Dispose();
    }

    private static V1Pod Trim(V1Pod pod)
    {
        pod.Metadata.Annotations = null;
        return pod;
    }

    private async Task<FakeCall> SyncAsync()
    {
        await (await _api.NextAsync()).ReplyListAsync("10", null, Json.Pod("a", "1"), Json.Pod("b", "2"));
        FakeCall watch = await NextWatchAsync("10");
        await _told.NextAsync();
        await _told.NextAsync();
        return watch;
    }

    private async Task<FakeCall> NextWatchAsync(string version)
    {
        FakeCall watch = await _api.NextAsync();
        if (watch["fieldSelector"] == "metadata.name=-")
        {
            // After a lost connection: whether the server has seen what we have.
            Assert.Equal(version, watch["resourceVersion"]);
            await watch.ReplyListAsync("1", null);
            watch = await _api.NextAsync();
        }

        Assert.True(watch.IsWatch);
        Assert.Equal(version, watch["resourceVersion"]);
        await watch.StartAsync();
        return watch;
    }

    private async Task AssertRelistsAsync(string version)
    {
        Assert.Equal("Updated a 11", await _told.NextAsync());
        FakeCall list = await _api.NextAsync();
        Assert.False(list.IsWatch);
        Assert.Equal(version, list["resourceVersion"]);
        await list.ReplyListAsync("20", null, Json.Pod("a", "11"), Json.Pod("c", "15"));
        Assert.Equal("Deleted b 2", await _told.NextAsync());
        Assert.Equal("Added c 15", await _told.NextAsync());
        await NextWatchAsync("20");
    }
}
