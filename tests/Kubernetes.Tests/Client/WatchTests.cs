namespace GpuMem.Kubernetes.Tests.Client;

public sealed class WatchTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private readonly CancellationTokenSource _stop = new();
    private FakeApiServer _api = null!;
    private KubernetesClient _client = null!;
    private IAsyncEnumerator<WatchEvent<V1Pod>> _events = null!;

    public async ValueTask InitializeAsync()
    {
        _api = await FakeApiServer.StartAsync();
        _client = _api.Client(_time);
        _events = _client.WatchAsync<V1Pod>(new ListOptions(ResourceVersion: "1"), timeout: TimeSpan.FromMinutes(5)).GetAsyncEnumerator(_stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _client.Dispose();
        await _api.DisposeAsync();
        _stop.Dispose();
    }

    [Theory]
    [InlineData(10)]
    [InlineData(20_000)]
    [InlineData(100_000)]
    [InlineData(1_000_000)]
    public async Task R17_An_event_of_any_size_arrives_with_its_newline(int size)
    {
        (FakeCall call, ValueTask<bool> next) = await OpenAsync();
        // Nothing follows, so an implementation that waits for more bytes never gets past this line.
        await call.SendEventAsync("ADDED", Json.Pod("a", "2", note: new string('x', size)));
        Assert.True(await next);
        Assert.Equal(size, _events.Current.Object!.Annotations()!["note"].Length);
    }

    [Fact]
    public async Task Events_may_arrive_byte_by_byte_and_several_at_once()
    {
        (FakeCall call, ValueTask<bool> next) = await OpenAsync();
        foreach (char letter in $$"""{"object":{{Json.Pod("a", "2")}},"type":"ADDED"}""")
            await call.SendAsync(letter.ToString());
        await call.SendAsync("\n" + $$"""{"type":"DELETED","object":{{Json.Pod("a", "3")}}}""" + "\n\n" + $$"""{"type":"BOOKMARK","object":{{Json.Bookmark("4")}}}""" + "\n");
        Assert.True(await next);
        Assert.Equal((WatchEventType.Added, "2"), (_events.Current.Type, _events.Current.Object!.ResourceVersion()));
        Assert.True(await _events.MoveNextAsync());
        Assert.Equal((WatchEventType.Deleted, "3"), (_events.Current.Type, _events.Current.Object!.ResourceVersion()));
        Assert.True(await _events.MoveNextAsync());
        Assert.Equal((WatchEventType.Bookmark, "4"), (_events.Current.Type, _events.Current.Object!.ResourceVersion()));
    }

    [Fact]
    public async Task One_unreadable_event_is_skipped()
    {
        (FakeCall call, ValueTask<bool> next) = await OpenAsync();
        await call.SendAsync("not json\n{\"type\":\"STRANGE\",\"object\":{}}\n{\"type\":{},\"object\":{}}\n{\"type\":\"ADDED\"}\n[]\n");
        await call.SendAsync("{\"type\":\"ADDED\",\"object\":{\"metadata\":[]}}\n{\"type\":\"ADDED\",\"object\":null}\n");
        await call.SendEventAsync("MODIFIED", Json.UnreadablePod("a", "2"));
        await call.SendEventAsync("ADDED", Json.Pod("b", "3"));
        Assert.True(await next);
        Assert.Equal("b", _events.Current.Object!.Name());
        Assert.Equal(8, _client.Unreadable);
    }

    [Fact]
    public async Task The_deletion_of_an_unreadable_object_still_says_which_one_is_gone()
    {
        (FakeCall call, ValueTask<bool> next) = await OpenAsync();
        await call.SendEventAsync("DELETED", Json.UnreadablePod("a", "2"));
        Assert.True(await next);
        V1Pod gone = _events.Current.Object!;
        Assert.Equal((WatchEventType.Deleted, "a", "default", "2"), (_events.Current.Type, gone.Name(), gone.Namespace(), gone.ResourceVersion()));
    }

    [Fact]
    public async Task A_truncated_last_line_is_a_broken_connection()
    {
        (FakeCall call, ValueTask<bool> next) = await OpenAsync();
        await call.SendAsync("""{"type":"ADDED","object":{"metadata":{"name":"a"}}}""");
        call.End();
        await Assert.ThrowsAsync<IOException>(async () => await next);
    }

    [Fact]
    public async Task The_server_may_end_it()
    {
        (FakeCall call, ValueTask<bool> next) = await OpenAsync();
        call.End();
        Assert.False(await next);
    }

    [Fact]
    public async Task Silence_beyond_the_timeout_ends_it()
    {
        (FakeCall call, ValueTask<bool> next) = await OpenAsync();
        await call.SendEventAsync("ADDED", Json.Pod("a", "2"));
        Assert.True(await next);

        TimeSpan limit = TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(30);
        ValueTask<bool> silent = _events.MoveNextAsync();
        _time.Advance(limit - TimeSpan.FromSeconds(1));
        Assert.False(silent.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<TimeoutException>(async () => await silent);
        await call.Aborted.Task;
    }

    [Fact]
    public async Task An_error_event_carries_its_status()
    {
        (FakeCall call, ValueTask<bool> next) = await OpenAsync();
        await call.SendEventAsync("ERROR", Json.Status(410, "Expired"));
        Assert.True(await next);
        Assert.Equal((WatchEventType.Error, 410), (_events.Current.Type, _events.Current.Status!.Code));
    }

    [Fact]
    public async Task Cancelling_hangs_up()
    {
        (FakeCall call, ValueTask<bool> next) = await OpenAsync();
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
        await call.Aborted.Task;
    }

    private async Task<(FakeCall Call, ValueTask<bool> Next)> OpenAsync()
    {
        ValueTask<bool> next = _events.MoveNextAsync();
        FakeCall call = await _api.NextAsync();
        Assert.Equal(("true", "true", "300", "1"), (call["watch"], call["allowWatchBookmarks"], call["timeoutSeconds"], call["resourceVersion"]));
        await call.StartAsync();
        return (call, next);
    }
}
