using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace GpuMem.Kubernetes.Tests.Client;

public sealed class KubernetesClientTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private FakeApiServer _api = null!;
    private KubernetesClient _client = null!;

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

    [Fact]
    public async Task Get_returns_null_for_what_is_not_there()
    {
        Task<V1Pod?> pod = _client.GetAsync<V1Pod>("a", "default");
        await (await _api.NextAsync()).FailAsync(404, "NotFound");
        Assert.Null(await pod);
    }

    [Fact]
    public async Task Unknown_members_are_ignored_and_the_kind_is_filled_in()
    {
        Task<EntityList<V1Pod>> list = _client.ListAsync<V1Pod>(new ListOptions(LabelSelector: "a=b,c", Limit: 7, Continue: "t/+"));
        FakeCall call = await _api.NextAsync();
        Assert.Equal(("a=b,c", "7", "t/+", null), (call["labelSelector"], call["limit"], call["continue"], call["resourceVersion"]));
        await call.ReplyAsync("""
            {"kind":"PodList","metadata":{"resourceVersion":"9","future":[{}]},"items":[{"metadata":{"name":"a","managedFields":[{"x":{}}]},"spec":{"new":1}}]}
            """);

        V1Pod pod = Assert.Single((await list).Items);
        Assert.Equal(("Pod", "v1", "a"), (pod.Kind, pod.ApiVersion, pod.Name()));
        Assert.Equal("9", (await list).Metadata.ResourceVersion);
    }

    [Fact]
    public async Task Of_what_nothing_but_the_metadata_is_wanted_nothing_else_is_asked_for()
    {
        using KubernetesClient client = new(_api.Configuration(), [new DefaultJsonTypeInfoResolver()], timeProvider: _time);
        Task<EntityList<OwnedThing>> list = client.ListAsync<OwnedThing>();
        FakeCall call = await _api.NextAsync();
        Assert.Equal("application/json; as=PartialObjectMetadataList; g=meta.k8s.io; v=v1", call.Accept);
        await call.ReplyAsync("""
            {"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"9"},
             "items":[{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"a"}}]}
            """);
        Assert.Equal("a", Assert.Single((await list).Items).Name());

        await using IAsyncEnumerator<WatchEvent<OwnedThing>> watch = client.WatchAsync<OwnedThing>(new ListOptions(ResourceVersion: "9")).GetAsyncEnumerator();
        ValueTask<bool> moved = watch.MoveNextAsync();
        call = await _api.NextAsync();
        Assert.Equal("application/json; as=PartialObjectMetadata; g=meta.k8s.io; v=v1", call.Accept);
        await call.ReplyAsync("""{"type":"ADDED","object":{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"b"}}}""" + "\n");
        Assert.True(await moved);
        Assert.Equal("b", watch.Current.Object?.Name());
    }

    [Fact]
    public async Task What_cannot_be_read_is_named_and_hides_nothing_else()
    {
        RecordingLogger<KubernetesClient> logger = new();
        using KubernetesClient client = new(_api.Configuration(), logger: logger, timeProvider: _time);
        // Long enough to arrive in several buffers, so that no item is judged by its first half.
        string padding = new('x', 100_000);
        Task<EntityList<V1Pod>> list = client.ListAsync<V1Pod>();
        await (await _api.NextAsync()).ReplyListAsync(
            "9", "more", Json.Pod("a", "1", note: padding), Json.UnreadablePod("b", "2"), "null", "[1]", "{\"metadata\":null}", Json.Pod("c", "3", note: padding));

        Assert.Equal(["a", "c"], (await list).Items.Select(pod => pod.Name()));
        Assert.Equal(["default/b", "", "", ""], (await list).Unreadable.Select(item => item.Name.ToString()));
        Assert.Contains("'lots' is not a quantity", (await list).Unreadable[0].Reason, StringComparison.Ordinal);
        Assert.Equal(("9", "more"), ((await list).Metadata.ResourceVersion, (await list).Metadata.ContinueProperty));
        Assert.Equal(4, client.Unreadable);
        Assert.StartsWith("Skipped Pod default/b, which could not be read: 'lots'", await logger.Lines.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_cut_short_is_a_failed_call_not_a_short_list()
    {
        Task<EntityList<V1Pod>> list = _client.ListAsync<V1Pod>();
        await (await _api.NextAsync()).ReplyAsync("{\"items\":[{\"metadata\":{\"name\":\"a\"}},{\"metadata\":{\"name\":\"b");
        await Assert.ThrowsAsync<System.Text.Json.JsonException>(() => list);
    }

    [Fact]
    public async Task Null_items_are_an_empty_list()
    {
        Task<EntityList<V1Pod>> list = _client.ListAsync<V1Pod>();
        await (await _api.NextAsync()).ReplyAsync("""{"metadata":{"resourceVersion":"9"},"items":null}""");
        Assert.Empty((await list).Items);
    }

    [Fact]
    public async Task S2_Apply_sends_only_what_is_ours()
    {
        V1Job job = new()
        {
            Metadata = new V1ObjectMeta
            {
                Name = "a", NamespaceProperty = "default", Uid = "u", ResourceVersion = "5", Generation = 2, CreationTimestamp = _time.GetUtcNow().UtcDateTime,
            },
            Spec = new V1JobSpec { Parallelism = 2 },
            Status = new V1JobStatus { Active = 1 },
        };
        Task<V1Job> applied = _client.ApplyAsync(job, "gpumem", force: true);
        FakeCall call = await _api.NextAsync();
        Assert.Equal(("PATCH", "application/apply-patch+yaml", "gpumem", "true"), (call.Method, call.ContentType, call["fieldManager"], call["force"]));
        Assert.Equal(
            """{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"a","namespace":"default"},"spec":{"parallelism":2}}""",
            Sorted(call.Body));
        await call.ReplyAsync("""{"kind":"Job","metadata":{"name":"a"}}""", 201);
        Assert.Equal("a", (await applied).Name());
        Assert.Equal("5", job.ResourceVersion());
    }

    [Theory]
    [InlineData(200)]
    [InlineData(201)]
    public async Task S1_Apply_names_its_manager_and_says_whether_to_force_and_both_answers_are_a_success(int code)
    {
        foreach (bool force in new[] { true, false })
        {
            Task<V1Service> applied = _client.ApplyAsync(
                new V1Service { Metadata = new V1ObjectMeta { Name = "a", NamespaceProperty = "b" } }, "us", force);
            FakeCall call = await _api.NextAsync();
            Assert.Equal(("application/apply-patch+yaml", "us", force ? "true" : "false"), (call.ContentType, call["fieldManager"], call["force"]));
            Assert.Equal("a", Member(JsonNode.Parse(call.Body)!["metadata"]!.ToJsonString(), "name"));
            await call.ReplyAsync("""{"metadata":{"name":"a","namespace":"b"}}""", code);
            Assert.Equal("a", (await applied).Name());
        }
    }

    [Fact]
    public async Task S5_A_conflict_names_the_other_manager_and_is_not_forced()
    {
        Task<V1Service> applied = _client.ApplyAsync(
            new V1Service { Metadata = new V1ObjectMeta { Name = "a", NamespaceProperty = "b" } }, "us", force: false);
        FakeCall call = await _api.NextAsync();
        Assert.Equal("false", call["force"]);
        await call.FailAsync(
            409, "Conflict", "Apply failed with 1 conflict: conflict with \"kubectl-edit\" using v1: .spec.clusterIP", cause: "FieldManagerConflict");
        KubernetesException conflict = await Assert.ThrowsAsync<KubernetesException>(() => applied);
        Assert.True(conflict.IsConflict);
        Assert.Contains("kubectl-edit", conflict.Message, StringComparison.Ordinal);
        Assert.Contains(".spec.clusterIP", conflict.Message, StringComparison.Ordinal);
        Assert.False(_api.HasUnanswered);
    }

    [Fact]
    public async Task S3_Applying_the_same_again_sends_the_same_bytes()
    {
        V1Service service = new() { Metadata = new V1ObjectMeta { Name = "a", NamespaceProperty = "b" }, Spec = new V1ServiceSpec { ClusterIP = "None" } };
        List<string> bodies = [];
        for (int i = 0; i < 2; i++)
        {
            Task<V1Service> applied = _client.ApplyAsync(service, "gpumem", force: false);
            FakeCall call = await _api.NextAsync();
            Assert.Equal("false", call["force"]);
            bodies.Add(call.Body);
            await call.ReplyAsync("""{"metadata":{"name":"a","namespace":"b","resourceVersion":"1"}}""");
            service.Metadata.ResourceVersion = (await applied).ResourceVersion();
        }

        Assert.Equal(bodies[0], bodies[1]);
    }

    [Fact]
    public async Task S4_Status_is_applied_to_its_own_path_and_carries_nothing_else()
    {
        V1Job job = new()
        {
            Metadata = new V1ObjectMeta { Name = "a", NamespaceProperty = "b", Labels = new Dictionary<string, string> { ["x"] = "y" } },
            Spec = new V1JobSpec { Parallelism = 2 },
            Status = new V1JobStatus { Active = 1 },
        };
        Task<V1Job> applied = _client.ApplyStatusAsync(job, "gpumem-status", force: true);
        FakeCall call = await _api.NextAsync();
        Assert.Equal("/apis/batch/v1/namespaces/b/jobs/a/status", call.Path);
        Assert.Equal(
            """{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"a","namespace":"b"},"status":{"active":1}}""", Sorted(call.Body));
        await call.ReplyAsync("{}");
        await applied;
    }

    [Fact]
    public async Task S2_A_raw_manifest_keeps_members_that_have_no_model()
    {
        JsonObject manifest = new()
        {
            ["metadata"] = new JsonObject { ["name"] = "a", ["namespace"] = "b", ["resourceVersion"] = "3" },
            ["spec"] = new JsonObject { ["unheardOf"] = true },
        };
        Task<JsonObject> applied = _client.ApplyAsync(new EntityMetadata("example.io", "v1", "Thing", "things"), manifest, "gpumem", force: false);
        FakeCall call = await _api.NextAsync();
        Assert.Equal("/apis/example.io/v1/namespaces/b/things/a", call.Path);
        Assert.Equal(
            """{"apiVersion":"example.io/v1","kind":"Thing","metadata":{"name":"a","namespace":"b"},"spec":{"unheardOf":true}}""", Sorted(call.Body));
        await call.ReplyAsync("{}");
        await applied;
        Assert.Equal("3", manifest["metadata"]!["resourceVersion"]!.GetValue<string>());
    }

    [Fact]
    public async Task T3_An_answer_that_is_no_status_never_appears_in_the_message()
    {
        Task<V1Pod?> pod = _client.GetAsync<V1Pod>("a", "default");
        await (await _api.NextAsync()).ReplyAsync("the password is hunter2", 400);
        KubernetesException refused = await Assert.ThrowsAsync<KubernetesException>(() => pod);
        Assert.DoesNotContain("hunter2", refused.ToString(), StringComparison.Ordinal);
        Assert.Equal(400, refused.Status.Code);
    }

    [Fact]
    public async Task Deleting_what_is_gone_is_no_error()
    {
        Task<bool> deleted = _client.DeleteAsync<V1Pod>("a", "default");
        FakeCall call = await _api.NextAsync();
        Assert.Null(JsonNode.Parse(call.Body)!["preconditions"]);
        await call.FailAsync(404, "NotFound");
        Assert.False(await deleted);
    }

    [Fact]
    public async Task Only_what_was_seen_is_deleted()
    {
        V1Pod seen = new() { Metadata = new V1ObjectMeta { Name = "a", NamespaceProperty = "b", Uid = "u", ResourceVersion = "7" } };
        Task<bool> deleted = _client.DeleteAsync(seen);
        FakeCall call = await _api.NextAsync();
        Assert.Equal(("DELETE", "/api/v1/namespaces/b/pods/a", "DeleteOptions"), (call.Method, call.Path, Member(call.Body, "kind")));
        Assert.Equal("""{"uid":"u","resourceVersion":"7"}""", JsonNode.Parse(call.Body)!["preconditions"]!.ToJsonString());
        await call.FailAsync(409, "Conflict");
        Assert.True((await Assert.ThrowsAsync<KubernetesException>(() => deleted)).IsConflict);
        Assert.False(_api.HasUnanswered);

        await Assert.ThrowsAsync<ArgumentException>(() => _client.DeleteAsync(new V1Pod { Metadata = new V1ObjectMeta { Name = "a", NamespaceProperty = "b" } }));
    }

    [Fact]
    public async Task A_client_in_memory_deletes_only_what_was_seen_too()
    {
        InMemoryApi memory = new();
        IKubernetesClient client = memory;
        V1Pod seen = await client.CreateAsync(new V1Pod { Metadata = new V1ObjectMeta { Name = "a", NamespaceProperty = "default", Uid = "u" } });
        V1Pod now = await client.UpdateAsync(seen);
        Assert.True((await Assert.ThrowsAsync<KubernetesException>(() => client.DeleteAsync(seen))).IsConflict);
        Assert.NotNull(memory.Peek<V1Pod>("a"));
        Assert.True(await client.DeleteAsync(now));
        Assert.False(await client.DeleteAsync(now));
    }

    private static string? Member(string json, string name) => JsonNode.Parse(json)![name]?.GetValue<string>();

    private static string Sorted(string json)
    {
        JsonObject members = JsonNode.Parse(json)!.AsObject();
        return new JsonObject(members.OrderBy(member => member.Key, StringComparer.Ordinal)
            .Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone()))).ToJsonString();
    }

    [KubernetesEntity(Group = "apps", ApiVersion = "v1", Kind = "Owned", PluralName = "owned"), EntityScope(MetadataOnly = true)]
    private sealed class OwnedThing : IKubernetesObject<V1ObjectMeta>
    {
        public string? ApiVersion { get; set; }

        public string? Kind { get; set; }

        public V1ObjectMeta Metadata { get; set; } = new();
    }
}
