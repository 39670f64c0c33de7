namespace GpuMem.Kubernetes.Tests.Client;

/// <summary>What a client does whose owner has lost the right to write.</summary>
public sealed class FenceTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private FakeApiServer _api = null!;
    private KubernetesClient _client = null!;
    private IKubernetesClient _fenced = null!;
    private volatile bool _leads = true;

    public static TheoryData<string> Writes => ["create", "update", "apply", "apply status", "apply raw", "merge patch", "json patch", "delete", "delete seen", "event"];

    private static V1Job Job => new() { Metadata = new V1ObjectMeta { Name = "a", NamespaceProperty = "b" }, Spec = new V1JobSpec { Parallelism = 1 } };

    public async ValueTask InitializeAsync()
    {
        _api = await FakeApiServer.StartAsync();
        _client = _api.Client(_time);
        _fenced = _client.Fenced(() => _leads);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _api.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task L3_Nothing_is_sent_once_the_lease_is_gone(string verb)
    {
        Task allowed = WriteAsync(verb);
        await (await _api.NextAsync()).ReplyAsync("{}");
        await allowed;

        _leads = false;
        await Assert.ThrowsAsync<LeadershipLostException>(() => WriteAsync(verb));
        Assert.False(_api.HasUnanswered);
    }

    [Fact]
    public async Task L3_A_write_that_waited_for_its_next_attempt_asks_again()
    {
        Task write = WriteAsync("apply");
        await (await _api.NextAsync()).FailAsync(503, "ServiceUnavailable", retryAfter: 7);
        TimeSpan wait = await _time.TimerAsync(due => due >= TimeSpan.FromSeconds(7) && due < TimeSpan.FromSeconds(20));
        _leads = false;
        _time.Advance(wait);
        await Assert.ThrowsAsync<LeadershipLostException>(() => write);
        Assert.False(_api.HasUnanswered);
    }

    [Fact]
    public async Task L3_A_write_whose_credentials_were_refused_asks_before_it_is_sent_with_new_ones()
    {
        Fresh credentials = new(() => _leads = false);
        using KubernetesClient client = new(
            new KubernetesClientConfiguration { Host = _api.Host, SslCaCerts = _api.Authorities, Credentials = credentials }, timeProvider: _time);
        Task write = client.Fenced(() => _leads).ApplyAsync(Job, "x", force: true);
        await (await _api.NextAsync()).FailAsync(401, "Unauthorized");
        await Assert.ThrowsAsync<LeadershipLostException>(() => write);
        Assert.False(_api.HasUnanswered);
    }

    [Fact]
    public async Task L3_The_lease_lost_while_the_connection_was_opened_stops_the_body()
    {
        int asked = 0;
        IKubernetesClient fenced = _client.Fenced(() => Interlocked.Increment(ref asked) == 1);
        await Assert.ThrowsAsync<LeadershipLostException>(() => fenced.ApplyAsync(Job, "x", force: true));
        Assert.Equal(2, asked);
        Assert.False(_api.HasUnanswered);
    }

    [Fact]
    public async Task Reads_and_the_client_without_a_fence_go_on()
    {
        _leads = false;
        Task<V1Job?> read = _fenced.GetAsync<V1Job>("a", "b");
        await (await _api.NextAsync()).ReplyAsync("{}");
        Assert.NotNull(await read);

        ((IDisposable)_fenced).Dispose();
        Task<V1Job> write = _client.ApplyAsync(Job, "x", force: true);
        await (await _api.NextAsync()).ReplyAsync("{}");
        await write;
    }

    private Task WriteAsync(string verb) => verb switch
    {
        "create" => _fenced.CreateAsync(Job),
        "update" => _fenced.UpdateAsync(Job),
        "apply" => _fenced.ApplyAsync(Job, "x", force: true),
        "apply status" => _fenced.ApplyStatusAsync(Job, "x", force: true),
        "apply raw" => _fenced.ApplyAsync(
            EntityMetadata.Of<V1Job>(), System.Text.Json.Nodes.JsonNode.Parse("""{"metadata":{"name":"a","namespace":"b"}}""")!.AsObject(), "x", force: true),
        "merge patch" => _fenced.PatchAsync<V1Job>("a", "b", new V1Patch("{}", V1Patch.PatchType.MergePatch)),
        "json patch" => _fenced.PatchAsync<V1Job>("a", "b", new V1Patch("[]", V1Patch.PatchType.JsonPatch)),
        "delete" => _fenced.DeleteAsync<V1Job>("a", "b"),
        "delete seen" => _fenced.DeleteAsync(new V1Job { Metadata = new V1ObjectMeta { Name = "a", NamespaceProperty = "b", Uid = "u", ResourceVersion = "1" } }),
        "event" => _fenced.CreateAsync(new Eventsv1Event { Metadata = new V1ObjectMeta { Name = "a", NamespaceProperty = "b" } }),
        _ => throw new ArgumentOutOfRangeException(nameof(verb)),
    };

    /// <summary>Something happens while a new token is fetched.</summary>
    private sealed class Fresh(Action meanwhile) : IClientCredentials
    {
        public ValueTask<ClientCredential> GetAsync(bool refresh, CancellationToken cancellationToken)
        {
            if (refresh)
                meanwhile();
            return new(new ClientCredential { Token = refresh ? "new" : "old" });
        }
    }
}
