namespace GpuMem.Kubernetes.Tests.Client;

/// <summary>What is repeated, when, and for how long.</summary>
public sealed class RetryTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private FakeApiServer _api = null!;
    private KubernetesClient _client = null!;

    private static V1Pod Pod => new() { Metadata = new V1ObjectMeta { Name = "a", NamespaceProperty = "default" } };

    public async ValueTask InitializeAsync()
    {
        _api = await FakeApiServer.StartAsync();
        _client = _api.Client(_time);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _api.DisposeAsync();
    }

    [Theory]
    [InlineData(429, "TooManyRequests")]
    [InlineData(503, "ServiceUnavailable")]
    public async Task Even_a_create_is_repeated_after_at_least_the_time_asked_for(int code, string reason)
    {
        Task<V1Pod> created = _client.CreateAsync(Pod);
        await (await _api.NextAsync()).FailAsync(code, reason, retryAfter: 40);
        _time.Advance(await _time.TimerAsync(due => due >= TimeSpan.FromSeconds(40) && due <= TimeSpan.FromSeconds(48)));
        await (await _api.NextAsync()).ReplyAsync(Json.Pod("a", "1"), 201);
        Assert.Equal("a", (await created).Name());
    }

    [Fact]
    public async Task A_server_that_asks_for_more_patience_than_there_is_gets_none()
    {
        Task<V1Pod?> pod = _client.GetAsync<V1Pod>("a", "default");
        await (await _api.NextAsync()).FailAsync(429, "TooManyRequests", retryAfter: 3600);
        KubernetesException refused = await Assert.ThrowsAsync<KubernetesException>(() => pod);
        Assert.Equal(TimeSpan.FromMinutes(5), refused.RetryAfter);
    }

    [Fact]
    public async Task There_are_at_most_five_attempts_and_their_waits_grow()
    {
        Task<V1Pod?> pod = _client.GetAsync<V1Pod>("a", "default");
        for (int retry = 0; retry < 4; retry++)
        {
            await (await _api.NextAsync()).FailAsync(503, "ServiceUnavailable");
            _time.Advance(await _time.TimerAsync(IsBackoff));
        }

        await (await _api.NextAsync()).FailAsync(503, "ServiceUnavailable");
        await Assert.ThrowsAsync<KubernetesException>(() => pod);
        Assert.False(_api.HasUnanswered);
    }

    [Fact]
    public async Task No_attempt_begins_later_than_two_minutes_after_the_first()
    {
        Task<V1Pod?> pod = _client.GetAsync<V1Pod>("a", "default");
        for (int retry = 0; retry < 2; retry++)
        {
            await (await _api.NextAsync()).FailAsync(429, "TooManyRequests", retryAfter: 50);
            _time.Advance(await _time.TimerAsync(due => due >= TimeSpan.FromSeconds(50) && due < TimeSpan.FromSeconds(60)));
        }

        await (await _api.NextAsync()).FailAsync(429, "TooManyRequests", retryAfter: 50);
        await Assert.ThrowsAsync<KubernetesException>(() => pod);
        Assert.False(_api.HasUnanswered);
    }

    [Fact]
    public async Task A_create_is_not_repeated_when_nobody_knows_whether_it_was_done()
    {
        Task<V1Pod> created = _client.CreateAsync(Pod);
        (await _api.NextAsync()).Abort();
        await Assert.ThrowsAsync<HttpRequestException>(() => created);
        Assert.False(_api.HasUnanswered);
    }

    [Theory]
    [InlineData(500, "ServerTimeout")]
    [InlineData(504, "Timeout")]
    public async Task Neither_is_it_after_a_write_to_storage_of_unknown_outcome(int code, string reason)
    {
        Task<V1Pod> created = _client.CreateAsync(Pod);
        await (await _api.NextAsync()).FailAsync(code, reason, retryAfter: 2);
        await Assert.ThrowsAsync<KubernetesException>(() => created);
        Assert.False(_api.HasUnanswered);
    }

    [Fact]
    public async Task A_json_patch_that_was_cut_is_not_repeated_and_a_merge_patch_is()
    {
        Task<V1Pod> added = _client.PatchAsync<V1Pod>("a", "default", new V1Patch("[]", V1Patch.PatchType.JsonPatch));
        (await _api.NextAsync()).Abort();
        await Assert.ThrowsAsync<HttpRequestException>(() => added);
        Assert.False(_api.HasUnanswered);

        Task<V1Pod> merged = _client.PatchAsync<V1Pod>("a", "default", new V1Patch("{}", V1Patch.PatchType.MergePatch));
        (await _api.NextAsync()).Abort();
        _time.Advance(await _time.TimerAsync(IsBackoff));
        await (await _api.NextAsync()).ReplyAsync(Json.Pod("a", "1"));
        await merged;
    }

    [Fact]
    public async Task A_read_that_was_cut_is_repeated()
    {
        Task<V1Pod?> pod = _client.GetAsync<V1Pod>("a", "default");
        (await _api.NextAsync()).Abort();
        _time.Advance(await _time.TimerAsync(IsBackoff));
        await (await _api.NextAsync()).ReplyAsync(Json.Pod("a", "1"));
        Assert.Equal("1", (await pod)!.ResourceVersion());
    }

    [Fact]
    public async Task A_list_may_take_minutes_while_bytes_come()
    {
        Task<EntityList<V1Pod>> list = _client.ListAsync<V1Pod>();
        FakeCall call = await _api.NextAsync();
        await call.StartAsync();
        await SendAsync(call, """{"metadata":{"resourceVersion":"9"},"items":[""");
        for (int item = 0; item < 5; item++)
        {
            _time.Advance(TimeSpan.FromSeconds(50));
            await SendAsync(call, Json.Pod($"{item}", "1") + (item < 4 ? "," : ""));
        }

        await call.SendAsync("]}");
        call.End();
        Assert.Equal(["0", "1", "2", "3", "4"], (await list).Items.Select(pod => pod.Name()));
    }

    [Fact]
    public async Task A_list_that_stops_in_the_middle_is_given_up_after_a_minute_and_asked_for_again()
    {
        Task<EntityList<V1Pod>> list = _client.ListAsync<V1Pod>();
        FakeCall dead = await _api.NextAsync();
        await dead.StartAsync();
        await SendAsync(dead, """{"items":[""");
        _time.Advance(TimeSpan.FromSeconds(60));
        await dead.Aborted.Task;
        _time.Advance(await _time.TimerAsync(IsBackoff));
        await (await _api.NextAsync()).ReplyListAsync("9", null, Json.Pod("a", "1"));
        Assert.Single((await list).Items);
    }

    [Fact]
    public async Task A_list_that_only_trickles_is_given_up_after_ten_minutes()
    {
        Task<EntityList<V1Pod>> list = _client.ListAsync<V1Pod>();
        FakeCall call = await _api.NextAsync();
        await call.StartAsync();
        await SendAsync(call, """{"items":[""");
        for (int half = 0; half < 19; half++)
        {
            _time.Advance(TimeSpan.FromSeconds(30));
            await SendAsync(call, " ");
        }

        _time.Advance(TimeSpan.FromSeconds(30));
        await call.Aborted.Task;
        TimeoutException late = await Assert.ThrowsAsync<TimeoutException>(() => list);
        Assert.Contains("600 s", late.Message, StringComparison.Ordinal);
    }

    private static bool IsBackoff(TimeSpan due) => due < TimeSpan.FromSeconds(20);

    /// <summary>Returns when the client listens for more, with a limit that it set after the clock last moved.</summary>
    private async Task SendAsync(FakeCall call, string text)
    {
        _time.Forget();
        await call.SendAsync(text);
        await _time.TimerAsync(due => due == TimeSpan.FromSeconds(60));
    }
}
