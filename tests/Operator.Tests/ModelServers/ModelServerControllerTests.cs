using System.Text.Json.Nodes;
using GpuMem.Api.ModelServers;
using GpuMem.Operator.ModelServers;
using GpuMem.Operator.Tests.Support;
using GpuMem.Planning;

namespace GpuMem.Operator.Tests.ModelServers;

public sealed class ModelServerControllerTests : IAsyncLifetime
{
    private const string Deployment = "apply deployments team-a/llama";
    private const string Status = "apply-status modelservers team-a/llama";

    private const string Set = "apply leaderworkersets team-a/llama";

    private const string ProbedTemplate = """
        {"spec": {"containers": [{"name": "vllm", "image": "vllm", "livenessProbe": {"exec": {"command": ["true"]}}, "readinessProbe": {"httpGet": {"port": 8000}}}]}}
        """;

    private static readonly string Divided = Example.With(Example.LargeServer, "tensor", "4");

    /// <summary>Sixteen GPUs, of nodes with eight.</summary>
    private static readonly string Spread = Example.With(Example.With(Example.LargeServer, "tensor", "8"), "pipeline", "2");

    private LiveCluster _cluster = null!;

    private ServerReconciler _reconciler = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await LiveCluster.StartAsync(Example.Node("h100-0"), Example.Node("h100-1"));
        _reconciler = new ServerReconciler(_cluster);
    }

    public async ValueTask DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task A_server_with_a_template_is_launched_as_a_Deployment_with_the_right_GPUs_on_the_right_pool()
    {
        await _reconciler.CreateAsync(Example.With(Divided, "replicas", "2"));
        Assert.Equal([Deployment, Status], await _reconciler.WritesOfReconcilingAsync());
        Assert.Equal(["Launched", "MemoryFits"], _reconciler.Events);

        var server = await _reconciler.ServerAsync();
        Assert.Equal((ModelServerPhase.Launched, Verdict.Fits), (server.Status.Phase, server.Status.Verdict));
        Assert.True((await _reconciler.ChildAsync())!.IsOwnedBy(server));
        var spec = _reconciler.Api.Raw<V1Deployment>("llama", Example.Namespace)!["spec"]!;
        var pod = spec["template"]!["spec"]!;
        Assert.Equal((2, "llama"), ((int)spec["replicas"]!, (string?)spec["selector"]!["matchLabels"]!["gpumem.io/model-server"]));
        Assert.Equal("4", (string?)pod["containers"]![0]!["resources"]!["limits"]!["nvidia.com/gpu"]);
        Assert.Equal("NVIDIA-H100-80GB-HBM3", (string?)pod["nodeSelector"]!["nvidia.com/gpu.product"]);
        Assert.Equal(["gpumem.io/model-server", "team"], spec["template"]!["metadata"]!["labels"]!.AsObject().Select(label => label.Key).Order());
    }

    [Fact]
    public async Task A_tensor_size_that_is_left_open_is_chosen_and_told_to_the_command()
    {
        await _reconciler.CreateAsync(Example.With(Example.LargeServer, "tensor", "\"Auto\""));
        var status = await _reconciler.ReconcileAsync();

        Assert.Equal((ModelServerPhase.Launched, 4), (status.Phase, status.Candidates![0].Tensor));
        var container = _reconciler.Api.Raw<V1Deployment>("llama", Example.Namespace)!["spec"]!["template"]!["spec"]!["containers"]![0]!;
        Assert.Equal("4", (string?)container["resources"]!["limits"]!["nvidia.com/gpu"]);
        Assert.Equal(("GPUMEM_TENSOR", "4"), ((string?)container["env"]![0]!["name"], (string?)container["env"]![0]!["value"]));
    }

    [Fact]
    public async Task The_status_says_what_a_replica_holds_and_where()
    {
        await _reconciler.CreateAsync(Divided, template: null);
        var status = await _reconciler.ReconcileAsync();

        Assert.Equal((ModelServerPhase.Admitted, Verdict.Fits), (status.Phase, status.Verdict));
        Assert.True(status.Holds!.Tokens > 100_000 && status.Holds.Sequences > 3 && status.Holds.MaxContext > 100_000);
        Assert.Equal(("1x4", "NVIDIA-H100-80GB-HBM3"), (status.Plan!.Layout, status.Plan.Product));
        Assert.Equal((4, 4L), (status.Candidates![0].Tensor, status.Candidates[0].Gpus));
        Assert.Contains(status.Estimate!.Terms!, term => term.Name == Estimation.TermKind.KeyValueCache);
        Assert.Empty(status.Suggestions!);
        Assert.Equal(["Estimated", "CapacityKnown", "Fits"], status.Conditions!.Select(condition => condition.Type));
    }

    [Fact]
    public async Task A_server_that_cannot_start_is_not_launched_and_the_suggestion_makes_it_start()
    {
        await _reconciler.CreateAsync(Example.LargeServer);
        Assert.Equal([Status], await _reconciler.WritesOfReconcilingAsync());
        var status = (await _reconciler.ServerAsync()).Status;
        Assert.Equal((ModelServerPhase.Rejected, Verdict.Impossible), (status.Phase, status.Verdict));
        Assert.Contains("Fix: tensor=4 (holds ", Assert.Single(_reconciler.Notes));
        Assert.Contains(status.Suggestions!, suggestion => suggestion.Change!.Contains("contextLength: ", StringComparison.Ordinal));

        await _reconciler.PatchAsync<ModelServer>(status.Suggestions![0].Patch!);
        Assert.Equal(ModelServerPhase.Launched, (await _reconciler.ReconcileAsync()).Phase);
    }

    [Theory]
    [InlineData(Example.SmallServer)]
    [InlineData(Example.LargeServer)]
    [InlineData("{}")]
    public async Task Reconciled_again_nothing_is_written_and_nothing_is_told(string spec)
    {
        await _reconciler.CreateAsync(spec);
        await _reconciler.RunAsync();
        var told = _reconciler.Events.Count();
        Assert.Empty(await _reconciler.WritesOfReconcilingAsync());
        Assert.Equal(told, _reconciler.Events.Count());
    }

    [Fact]
    public async Task A_cache_that_has_not_heard_of_the_child_does_not_launch_again()
    {
        var behind = new ServerReconciler(_cluster) { CacheIsBehind = true };
        await behind.CreateAsync(Example.SmallServer);
        await behind.RunAsync();
        Assert.Empty(await behind.WritesOfReconcilingAsync());
    }

    [Theory]
    [InlineData(Deployment)]
    [InlineData(Status)]
    public async Task Killed_at_any_write_and_started_again_it_ends_with_the_same_child_and_status(string last)
    {
        await _reconciler.CreateAsync(Example.SmallServer);
        _reconciler.Api.OnCall = call =>
        {
            if (call == last)
                throw new IOException("the power went out");
        };
        await Assert.ThrowsAsync<IOException>(_reconciler.RunAsync);
        _reconciler.Api.OnCall = _ => { };
        Assert.Equal(ModelServerPhase.Launched, (await _reconciler.ReconcileAsync()).Phase);
        Assert.Empty(await _reconciler.WritesOfReconcilingAsync());
        Assert.Single(_reconciler.Api.Writes, write => write == Deployment);
    }

    [Fact]
    public async Task A_replica_that_serves_makes_it_running()
    {
        await _reconciler.CreateAsync(Example.SmallServer);
        await _reconciler.RunAsync();
        await _reconciler.PatchAsync<V1Deployment>("""
            {"status": {"availableReplicas": 1, "conditions": [{"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable", "message": "it has"}]}}
            """);
        var status = await _reconciler.ReconcileAsync();
        Assert.Equal(ModelServerPhase.Running, status.Phase);
        Assert.Equal(("True", "MinimumReplicasAvailable"), status.Conditions!.Where(condition => condition.Type == "Available").Select(condition => (condition.Status, condition.Reason)).Single());
    }

    [Fact]
    public async Task A_change_of_the_spec_changes_the_Deployment_and_what_would_not_start_replaces_nothing()
    {
        await _reconciler.CreateAsync(Divided);
        await _reconciler.RunAsync();

        await _reconciler.PatchAsync<ModelServer>("""{"spec": {"tensor": 8}}""");
        Assert.Equal([Deployment, Status], await _reconciler.WritesOfReconcilingAsync());
        Assert.Equal("8", Gpus());

        await _reconciler.PatchAsync<ModelServer>("""{"spec": {"tensor": 1}}""");
        Assert.Equal([Status], await _reconciler.WritesOfReconcilingAsync());
        var status = (await _reconciler.ServerAsync()).Status;
        Assert.Equal((ModelServerPhase.Rejected, "llama"), (status.Phase, status.Launched!.Name));
        Assert.Equal("8", Gpus());

        string? Gpus() => (string?)_reconciler.Api.Raw<V1Deployment>("llama", Example.Namespace)!["spec"]!["template"]!["spec"]!["containers"]![0]!["resources"]!["limits"]!["nvidia.com/gpu"];
    }

    [Fact]
    public async Task Pools_that_come_later_leave_a_launched_server_where_it_is()
    {
        await _reconciler.CreateAsync(Divided);
        var before = await _reconciler.ReconcileAsync();
        await _cluster.ChangePoolsAsync(() => _reconciler.Api.CreateAsync(Example.Node("h200-0", "NVIDIA-H200", "143771"), CancellationToken.None));
        Assert.Empty(await _reconciler.WritesOfReconcilingAsync());
        Assert.Equal(before.Plan!.Pool, (await _reconciler.ServerAsync()).Status.Plan!.Pool);
    }

    [Fact]
    public async Task A_replica_of_several_nodes_is_launched_as_a_LeaderWorkerSet_of_as_many_pods()
    {
        await _reconciler.CreateAsync(Example.With(Spread, "replicas", "2"), ProbedTemplate);
        Assert.Equal([Set, Status], await _reconciler.WritesOfReconcilingAsync());

        var server = await _reconciler.ServerAsync();
        Assert.Equal((ModelServerPhase.Launched, Verdict.Fits, "2x8"), (server.Status.Phase, server.Status.Verdict, server.Status.Plan!.Layout));
        Assert.Equal(("leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet", "llama"), (server.Status.Launched!.ApiVersion, server.Status.Launched.Kind, server.Status.Launched.Name));
        Assert.Equal(server.Uid(), (string?)(await SetAsync())["metadata"]!["ownerReferences"]![0]!["uid"]);
        var group = (await SetAsync())["spec"]!["leaderWorkerTemplate"]!;
        Assert.Equal((2, 2L), ((int)(await SetAsync())["spec"]!["replicas"]!, (long)group["size"]!));
        foreach (var template in new[] { group["leaderTemplate"]!, group["workerTemplate"]! })
        {
            Assert.Equal("8", (string?)template["spec"]!["containers"]![0]!["resources"]!["limits"]!["nvidia.com/gpu"]);
            Assert.Equal("NVIDIA-H100-80GB-HBM3", (string?)template["spec"]!["nodeSelector"]!["nvidia.com/gpu.product"]);
            Assert.Equal("nvidia.com/gpu", (string?)template["spec"]!["tolerations"]![0]!["key"]);
            Assert.Equal("llama", (string?)template["metadata"]!["labels"]!["gpumem.io/model-server"]);
        }
    }

    [Fact]
    public async Task Only_the_leader_of_a_group_is_asked_over_the_network_whether_it_is_ready()
    {
        await _reconciler.CreateAsync(Spread, ProbedTemplate);
        await _reconciler.RunAsync();
        var group = (await SetAsync())["spec"]!["leaderWorkerTemplate"]!;
        Assert.Equal(["livenessProbe", "readinessProbe"], Probes("leaderTemplate"));
        Assert.Equal(["livenessProbe"], Probes("workerTemplate"));

        IEnumerable<string> Probes(string template) =>
            group[template]!["spec"]!["containers"]![0]!.AsObject().Select(member => member.Key).Where(name => name.EndsWith("Probe", StringComparison.Ordinal)).Order();
    }

    [Fact]
    public async Task A_LeaderWorkerSet_is_looked_at_again_and_its_ready_groups_make_the_server_running()
    {
        await _reconciler.CreateAsync(Spread);
        await _reconciler.RunAsync();
        Assert.NotNull((await _reconciler.RunAsync()).RequeueAfter);
        await _reconciler.Api.ApplyAsync(
            ServerWorkload.SetType,
            JsonNode.Parse("""
                {"metadata": {"name": "llama", "namespace": "team-a"},
                 "status": {"readyReplicas": 1, "conditions": [{"type": "Available", "status": "True", "reason": "AllGroupsReady", "message": "All replicas are ready"}]}}
                """)!.AsObject(),
            "lws",
            force: true,
            CancellationToken.None);

        var status = await _reconciler.ReconcileAsync();
        Assert.Equal(ModelServerPhase.Running, status.Phase);
        Assert.Equal(("True", "AllGroupsReady"), status.Conditions!.Where(condition => condition.Type == "Available").Select(condition => (condition.Status, condition.Reason)).Single());
        Assert.Empty(await _reconciler.WritesOfReconcilingAsync());
    }

    [Fact]
    public async Task Where_the_cluster_has_no_LeaderWorkerSets_the_status_says_so_and_once_it_has_the_server_is_launched()
    {
        await _reconciler.CreateAsync(Spread);
        _reconciler.Api.OnCall = call =>
        {
            if (call == Set)
                throw InMemoryApi.Refusal(404, "NotFound", "the server could not find the requested resource");
        };
        var told = await _reconciler.RunAsync();
        Assert.NotNull(told.RequeueAfter);
        var status = (await _reconciler.ServerAsync()).Status;
        Assert.Equal((ModelServerPhase.Pending, Verdict.Fits, "LeaderWorkerSetsMissing"), (status.Phase, status.Verdict, status.Conditions!.Single(condition => condition.Type == "Stalled").Reason));
        Assert.Contains("install it", status.Conditions!.Single(condition => condition.Type == "Launched").Message);

        _reconciler.Api.OnCall = _ => { };
        Assert.Equal(ModelServerPhase.Launched, (await _reconciler.ReconcileAsync()).Phase);
    }

    [Fact]
    public async Task An_operator_that_may_make_no_LeaderWorkerSets_says_which_value_of_the_chart_lets_it()
    {
        await _reconciler.CreateAsync(Spread);
        _reconciler.Api.OnCall = call =>
        {
            if (call == Set)
                throw InMemoryApi.Refusal(403, "Forbidden", "leaderworkersets.leaderworkerset.x-k8s.io \"llama\" is forbidden: User \"gpumem\" cannot patch resource \"leaderworkersets\" in API group");
        };
        Assert.Contains("operator.leaderWorkerSets=true", (await _reconciler.ReconcileAsync()).Conditions!.Single(condition => condition.Type == "Stalled").Message);
    }

    [Fact]
    public async Task A_server_that_outgrows_its_node_keeps_its_Deployment_until_somebody_deletes_it()
    {
        await _reconciler.CreateAsync(Divided);
        await _reconciler.RunAsync();
        await _reconciler.PatchAsync<ModelServer>("""{"spec": {"tensor": 8, "pipeline": 2}}""");
        var status = await _reconciler.ReconcileAsync();
        Assert.Equal((ModelServerPhase.Pending, "Deployment"), (status.Phase, status.Launched!.Kind));
        Assert.Contains("delete the Deployment", status.Conditions!.Single(condition => condition.Type == "Stalled").Message);
        Assert.DoesNotContain(Set, _reconciler.Api.Writes);

        await _reconciler.Api.DeleteAsync<V1Deployment>("llama", Example.Namespace, CancellationToken.None);
        Assert.Equal((ModelServerPhase.Launched, "LeaderWorkerSet"), (await _reconciler.ReconcileAsync()) is var after ? (after.Phase, after.Launched!.Kind) : default);
    }

    [Fact]
    public async Task Pods_whose_number_of_GPUs_does_not_make_a_replica_are_not_launched()
    {
        await _reconciler.CreateAsync(Spread, """{"spec": {"containers": [{"name": "vllm", "image": "vllm", "resources": {"limits": {"nvidia.com/gpu": 6}}}]}}""");
        Assert.Contains("pods of 6 do not make", (await _reconciler.ReconcileAsync()).Conditions!.Single(condition => condition.Type == "Stalled").Message);
    }

    [Fact]
    public async Task A_namesake_of_somebody_else_is_left_alone()
    {
        await _reconciler.Api.CreateAsync(new V1Deployment { Metadata = new V1ObjectMeta { Name = "llama", NamespaceProperty = Example.Namespace } }, CancellationToken.None);
        await _reconciler.CreateAsync(Example.SmallServer);
        var status = await _reconciler.ReconcileAsync();
        Assert.Equal((ModelServerPhase.Pending, "NameTaken"), (status.Phase, status.Conditions!.Single(condition => condition.Type == "Stalled").Reason));
        Assert.DoesNotContain(Deployment, _reconciler.Api.Writes);
    }

    [Fact]
    public async Task What_the_API_server_refuses_is_told_to_the_author()
    {
        await _reconciler.CreateAsync(Example.SmallServer);
        _reconciler.Api.OnCall = call =>
        {
            if (call == Deployment)
                throw InMemoryApi.Refusal(403, "Forbidden", "exceeded quota: gpus");
        };
        var status = await _reconciler.ReconcileAsync();
        Assert.Equal(ModelServerPhase.Pending, status.Phase);
        Assert.Contains("exceeded quota: gpus", status.Conditions!.Single(condition => condition.Type == "Stalled").Message);
        Assert.Contains("LaunchRefused", _reconciler.Events);
    }

    [Fact]
    public async Task A_server_that_cannot_be_is_rejected_with_the_reason()
    {
        await _reconciler.CreateAsync("""{"model": {"name": "meta-llama/Llama-3.1-70B"}, "contextLength": 8192, "tensor": 3}""");
        var status = await _reconciler.ReconcileAsync();
        Assert.Equal((ModelServerPhase.Rejected, Verdict.Invalid), (status.Phase, status.Verdict));
        Assert.StartsWith("cannot be served: tensor: ", status.Message, StringComparison.Ordinal);
    }

    private async Task<JsonObject> SetAsync() => (await _reconciler.Api.GetAsync(ServerWorkload.SetType, "llama", Example.Namespace, CancellationToken.None))!;
}
