using GpuMem.Operator.Tests.Support;
using GpuMem.Planning;

namespace GpuMem.Operator.Tests.TrainingJobs;

public sealed class TrainingJobControllerTests : IAsyncLifetime
{
    private const string Service = "apply services team-a/sft";
    private const string Job = "apply jobs team-a/sft";
    private const string Status = "apply-status trainingjobs team-a/sft";

    private LiveCluster _cluster = null!;

    private Reconciler _reconciler = null!;

    private InMemoryApi Api => _cluster.Api;

    public async ValueTask InitializeAsync()
    {
        _cluster = await LiveCluster.StartAsync(Example.Node("h100-0"), Example.Node("h100-1"));
        _reconciler = new Reconciler(_cluster);
    }

    public async ValueTask DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task A_job_with_a_template_is_launched_service_first_and_its_status_told()
    {
        await _reconciler.CreateAsync(Example.Several);
        Assert.Equal([Service, Job, Status], await _reconciler.WritesOfReconcilingAsync());
        Assert.Equal(["Launched", "MemoryFits"], _reconciler.Events);
        var job = await _reconciler.JobAsync();
        Assert.Equal((TrainingJobPhase.Launched, Verdict.Fits), (job.Status.Phase, job.Status.Verdict));
        Assert.True((await _reconciler.ChildAsync())!.IsOwnedBy(job));
    }

    [Theory]
    [InlineData(Example.Small)]
    [InlineData(Example.Several)]
    [InlineData(Example.TooLarge)]
    [InlineData("{}")]
    public async Task Reconciled_again_nothing_is_written_and_nothing_is_told(string spec)
    {
        await _reconciler.CreateAsync(spec);
        await _reconciler.RunAsync();
        var told = _reconciler.Events.Count();
        Assert.Empty(await _reconciler.WritesOfReconcilingAsync());
        Assert.Equal(told, _reconciler.Events.Count());
    }

    [Theory]
    [InlineData("a-0", "b", "GPUs of pool b")]
    [InlineData("b-0", "a", "GPUs of pool a")]
    [InlineData("a-0,b-0", "a", "GPUs of pool a, which has 0 of them free now: it waits for the rest")]
    public async Task Of_pools_where_it_fits_one_with_free_GPUs_comes_before_one_where_it_would_wait(string held, string chosen, string told)
    {
        V1Pod[] pods = [.. held.Split(',').Select(node => new V1Pod
        {
            Metadata = new V1ObjectMeta { Name = $"on-{node}", NamespaceProperty = Example.Namespace },
            Spec = new V1PodSpec { NodeName = node, Containers = [new V1Container { Name = "main", Resources = new V1ResourceRequirements { Limits = new Dictionary<string, ResourceQuantity> { ["nvidia.com/gpu"] = new("8") } } }] },
        })];
        V1Node InPool(string pool)
        {
            var node = Example.Node($"{pool}-0");
            node.Metadata.Labels["karpenter.sh/nodepool"] = pool;
            return node;
        }

        await using var cluster = await LiveCluster.StartAsync(pods, [InPool("a"), InPool("b")]);
        var reconciler = new Reconciler(cluster);
        await reconciler.CreateAsync(Example.Several);

        Assert.Equal(chosen, (await reconciler.ReconcileAsync()).Plan!.Pool);
        Assert.EndsWith(told, reconciler.Notes.First().Split(", nvidia.com/gpu")[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cache_that_has_not_heard_of_the_child_does_not_make_a_second_one()
    {
        var behind = new Reconciler(_cluster) { CacheIsBehind = true };
        await behind.CreateAsync(Example.Several);
        await behind.RunAsync();
        Assert.Empty(await behind.WritesOfReconcilingAsync());
        Assert.Equal(["Launched", "MemoryFits"], behind.Events);
    }

    [Theory]
    [InlineData(Service)]
    [InlineData(Job)]
    [InlineData(Status)]
    public async Task Killed_at_any_write_and_started_again_it_ends_with_the_same_children_and_status(string last)
    {
        await _reconciler.CreateAsync(Example.Several);
        Api.OnCall = call =>
        {
            if (call == last)
                throw new IOException("the power went out");
        };
        await Assert.ThrowsAsync<IOException>(_reconciler.RunAsync);
        Api.OnCall = _ => { };
        Assert.Equal(TrainingJobPhase.Launched, (await _reconciler.ReconcileAsync()).Phase);
        Assert.Empty(await _reconciler.WritesOfReconcilingAsync());
        Assert.NotNull(Api.Raw<V1Service>("sft", Example.Namespace));
        Assert.Single(Api.Writes, write => write == Job);
    }

    [Fact]
    public async Task A_job_without_template_is_only_judged()
    {
        await _reconciler.CreateAsync(Example.Small, template: null);
        Assert.Equal([Status], await _reconciler.WritesOfReconcilingAsync());
        Assert.Equal(["MemoryFits"], _reconciler.Events);
    }

    [Fact]
    public async Task A_job_that_fits_nowhere_is_not_launched_and_the_event_says_the_fix()
    {
        await _reconciler.CreateAsync(Example.TooLarge);
        Assert.Equal([Status], await _reconciler.WritesOfReconcilingAsync());
        Assert.Equal(["MemoryExceeded"], _reconciler.Events);
        Assert.Contains("Fix: ", Assert.Single(_reconciler.Notes));
    }

    [Fact]
    public async Task A_job_whose_policy_only_warns_is_launched_all_the_same()
    {
        await _reconciler.CreateAsync(Example.With(Example.TooLarge, "policy", """{"mode": "Warn"}"""));
        Assert.Equal(TrainingJobPhase.Launched, (await _reconciler.ReconcileAsync()).Phase);
        Assert.Equal(["Launched", "MemoryExceeded"], _reconciler.Events);
    }

    [Theory]
    [InlineData("jobs")]
    [InlineData("services")]
    public async Task A_namesake_that_somebody_else_made_is_not_touched(string kind)
    {
        var metadata = new V1ObjectMeta { Name = "sft", NamespaceProperty = Example.Namespace };
        if (kind == "jobs")
            await Api.CreateAsync(new V1Job { Metadata = metadata, Spec = new V1JobSpec() }, CancellationToken.None);
        else
            await Api.CreateAsync(new V1Service { Metadata = metadata, Spec = new V1ServiceSpec { Selector = new Dictionary<string, string> { ["app"] = "web" } } }, CancellationToken.None);
        await _reconciler.CreateAsync(Example.Small);
        Assert.Equal([Status], await _reconciler.WritesOfReconcilingAsync());
        var status = (await _reconciler.JobAsync()).Status;
        Assert.Equal((TrainingJobPhase.Pending, "NameTaken"), (status.Phase, status.Conditions!.Single(condition => condition.Type == "Stalled").Reason));
        Assert.Empty(await _reconciler.WritesOfReconcilingAsync());
    }

    [Fact]
    public async Task A_job_that_describes_a_workload_of_its_own_name_is_not_stalled_by_it()
    {
        var labels = new Dictionary<string, string> { ["gpumem.io/training-job"] = "sft" };
        await Api.CreateAsync(new V1Job { Metadata = new V1ObjectMeta { Name = "sft", NamespaceProperty = Example.Namespace, Labels = labels }, Spec = new V1JobSpec() }, CancellationToken.None);
        await _reconciler.CreateAsync(Example.With(Example.Small, "targetRef", """{"apiVersion": "batch/v1", "kind": "Job", "name": "sft"}"""), template: null);
        Assert.Equal([Status], await _reconciler.WritesOfReconcilingAsync());
        var status = (await _reconciler.JobAsync()).Status;
        Assert.Equal(TrainingJobPhase.Admitted, status.Phase);
        Assert.DoesNotContain(status.Conditions!, condition => condition.Type == "Stalled");
    }

    [Fact]
    public async Task A_child_that_somebody_else_holds_back_is_theirs_to_let_go()
    {
        await _reconciler.CreateAsync(Example.Several);
        await _reconciler.RunAsync();
        await _reconciler.PatchAsync<V1Job>("""{"spec": {"suspend": true}}""");
        Assert.Equal(TrainingJobPhase.Suspended, (await _reconciler.ReconcileAsync()).Phase);
        Assert.True((await _reconciler.ChildAsync())!.Spec!.Suspend);
    }

    [Fact]
    public async Task Once_the_namesake_is_gone_it_is_launched()
    {
        await Api.CreateAsync(new V1Service { Metadata = new V1ObjectMeta { Name = "sft", NamespaceProperty = Example.Namespace } }, CancellationToken.None);
        await _reconciler.CreateAsync(Example.Small);
        Assert.NotNull((await _reconciler.RunAsync()).RequeueAfter);
        await Api.DeleteAsync<V1Service>("sft", Example.Namespace, CancellationToken.None);
        Assert.Equal(TrainingJobPhase.Launched, (await _reconciler.ReconcileAsync()).Phase);
    }

    [Theory]
    [InlineData(403, "Forbidden", "exceeded quota: gpus")]
    [InlineData(422, "Invalid", "spec.template.spec.containers[0].image: Required value")]
    [InlineData(500, "", "failed to create typed patch object: .spec.template.spec.contianers: field not declared in schema")]
    [InlineData(500, "", "failed to create typed patch object (team-a/sft; batch/v1, Kind=Job): .spec.template.spec.containers[name=\"trainer\"].image: expected string")]
    public async Task A_refused_launch_is_told_in_status_and_event_and_tried_again(int code, string reason, string message)
    {
        await _reconciler.CreateAsync(Example.Small);
        Api.OnCall = call =>
        {
            if (call == Job)
                throw InMemoryApi.Refusal(code, reason, message);
        };
        Assert.NotNull((await _reconciler.RunAsync()).RequeueAfter);
        var status = (await _reconciler.JobAsync()).Status;
        Assert.Equal(TrainingJobPhase.Pending, status.Phase);
        Assert.Contains(message, status.Conditions!.Single(condition => condition.Type == "Launched").Message);
        Assert.Equal(["MemoryFits", "LaunchRefused"], _reconciler.Events);

        await _reconciler.RunAsync();
        Assert.Equal(["MemoryFits", "LaunchRefused"], _reconciler.Events);

        Api.OnCall = _ => { };
        Assert.Equal(TrainingJobPhase.Launched, (await _reconciler.ReconcileAsync()).Phase);
        Assert.DoesNotContain((await _reconciler.JobAsync()).Status.Conditions!, condition => condition.Type == "Stalled");
    }

    [Theory]
    [InlineData(409, "Conflict")]
    [InlineData(429, "TooManyRequests")]
    [InlineData(503, "ServiceUnavailable")]
    [InlineData(500, "InternalError")]
    public async Task A_launch_that_fails_is_told_and_asked_for_again_by_the_queue(int code, string reason)
    {
        await _reconciler.CreateAsync(Example.Small);
        Api.OnCall = call =>
        {
            if (call == Job)
                throw InMemoryApi.Refusal(code, reason);
        };
        var result = await _reconciler.RunAsync();
        Assert.Equal((false, false, code), (result.IsSuccess, result.IsTerminal, (int)((KubernetesException)result.Error!).StatusCode));
        var status = (await _reconciler.JobAsync()).Status;
        Assert.Equal((TrainingJobPhase.Pending, Verdict.Fits), (status.Phase, status.Verdict));
        Assert.Equal("LaunchFailed", status.Conditions!.Single(condition => condition.Type == "Launched").Reason);
        Assert.DoesNotContain(status.Conditions!, condition => condition.Type == "Stalled");
        Assert.Equal(["MemoryFits"], _reconciler.Events);
    }

    [Fact]
    public async Task What_was_told_is_not_told_again_before_the_cache_has_it()
    {
        await _reconciler.CreateAsync(Example.Small);
        await _reconciler.RunTwiceAsync();
        Assert.Single(Api.Writes, Status);
        Assert.Equal(["Launched", "MemoryFits"], _reconciler.Events);
    }

    [Fact]
    public async Task What_has_completed_is_not_trained_again_when_its_Job_is_cleaned_up()
    {
        await _reconciler.CreateAsync(Example.Small);
        await _reconciler.RunAsync();
        await _reconciler.PatchAsync<V1Job>("""{"status": {"conditions": [{"type": "Complete", "status": "True"}]}}""");
        await _reconciler.RunAsync();
        await Api.DeleteAsync<V1Job>("sft", Example.Namespace, CancellationToken.None);
        Assert.Empty(await _reconciler.WritesOfReconcilingAsync());
        Assert.Equal(TrainingJobPhase.Complete, (await _reconciler.JobAsync()).Status.Phase);
    }

    [Fact]
    public async Task A_job_created_suspended_is_launched_when_it_no_longer_is()
    {
        await _reconciler.CreateAsync(Example.With(Example.Small, "suspend", "true"));
        Assert.Equal(TrainingJobPhase.Suspended, (await _reconciler.ReconcileAsync()).Phase);
        Assert.Null(await _reconciler.ChildAsync());
        await _reconciler.PatchAsync<TrainingJob>("""{"spec": {"suspend": false}}""");
        Assert.Equal(TrainingJobPhase.Launched, (await _reconciler.ReconcileAsync()).Phase);
    }

    [Fact]
    public async Task A_launched_job_is_suspended_and_resumed_with_it()
    {
        await _reconciler.CreateAsync(Example.Small);
        await _reconciler.RunAsync();
        foreach (var suspend in new[] { true, false })
        {
            await _reconciler.PatchAsync<TrainingJob>($$$"""{"spec": {"suspend": {{{(suspend ? "true" : "false")}}} } }""");
            Assert.Contains("patch jobs team-a/sft", await _reconciler.WritesOfReconcilingAsync());
            Assert.Equal(suspend, (await _reconciler.ChildAsync())!.Spec!.Suspend);
            Assert.Equal(suspend ? TrainingJobPhase.Suspended : TrainingJobPhase.Launched, (await _reconciler.ReconcileAsync()).Phase);
            Assert.Empty(await _reconciler.WritesOfReconcilingAsync());
        }
    }

    [Fact]
    public async Task The_childs_progress_is_told_without_another_event()
    {
        await _reconciler.CreateAsync(Example.Small);
        await _reconciler.RunAsync();
        await _reconciler.PatchAsync<V1Job>("""{"status": {"active": 1}}""");
        Assert.Equal(TrainingJobPhase.Running, (await _reconciler.ReconcileAsync()).Phase);
        await _reconciler.PatchAsync<V1Job>("""{"status": {"conditions": [{"type": "Complete", "status": "True", "reason": "CompletionsReached"}]}}""");
        Assert.Equal(TrainingJobPhase.Complete, (await _reconciler.ReconcileAsync()).Phase);
        Assert.Equal(["Launched", "MemoryFits"], _reconciler.Events);
    }

    [Fact]
    public async Task A_child_that_somebody_deleted_is_launched_again()
    {
        await _reconciler.CreateAsync(Example.Small);
        await _reconciler.RunAsync();
        await Api.DeleteAsync<V1Job>("sft", Example.Namespace, CancellationToken.None);
        Assert.Equal([Service, Job], await _reconciler.WritesOfReconcilingAsync());
    }

    [Fact]
    public async Task A_job_that_is_being_deleted_is_left_alone()
    {
        await _reconciler.CreateAsync(Example.Small);
        await _reconciler.PatchAsync<TrainingJob>("""{"metadata": {"deletionTimestamp": "2030-01-01T00:00:00Z"}}""");
        Assert.Empty(await _reconciler.WritesOfReconcilingAsync());
    }

    [Fact]
    public async Task A_rejected_job_is_launched_when_a_pool_comes_that_it_fits()
    {
        await _reconciler.CreateAsync(Example.TooLarge);
        Assert.Equal(TrainingJobPhase.Rejected, (await _reconciler.ReconcileAsync()).Phase);
        await _cluster.ChangePoolsAsync(() => Api.CreateAsync(Example.Node("b300-0", "NVIDIA-B300-SXM6-AC", "275040"), CancellationToken.None));
        Assert.Equal((TrainingJobPhase.Launched, Verdict.Fits), ((await _reconciler.ReconcileAsync()).Phase, (await _reconciler.JobAsync()).Status.Verdict));
        Assert.Equal(["MemoryExceeded", "Launched", "MemoryFits"], _reconciler.Events);
    }

    [Fact]
    public async Task A_launched_job_is_not_rewritten_when_its_pool_goes()
    {
        await _reconciler.CreateAsync(Example.Several);
        await _reconciler.RunAsync();
        await _cluster.ChangePoolsAsync(() => Api.DeleteAsync<V1Node>("h100-0", null, CancellationToken.None));
        Assert.Empty(await _reconciler.WritesOfReconcilingAsync());
        await _cluster.ChangePoolsAsync(() => Api.DeleteAsync<V1Node>("h100-1", null, CancellationToken.None));
        Assert.Empty(await _reconciler.WritesOfReconcilingAsync());
    }

    [Fact]
    public async Task A_model_in_a_ConfigMap_is_read_and_looked_at_again()
    {
        await _reconciler.CreateAsync("""{"model": {"configMapKeyRef": {"name": "m", "key": "config.json"}}, "training": {"sequenceLength": 128}}""");
        Assert.NotNull((await _reconciler.RunAsync()).RequeueAfter);
        Assert.Equal(TrainingJobPhase.Rejected, (await _reconciler.JobAsync()).Status.Phase);
        const string config = """
            {"model_type": "llama", "hidden_size": 256, "num_hidden_layers": 4, "num_attention_heads": 4, "intermediate_size": 1024, "vocab_size": 1000}
            """;
        await Api.CreateAsync(
            new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "m", NamespaceProperty = Example.Namespace }, Data = new Dictionary<string, string> { ["config.json"] = config } },
            CancellationToken.None);
        Assert.Equal(TrainingJobPhase.Launched, (await _reconciler.ReconcileAsync()).Phase);
    }
}
