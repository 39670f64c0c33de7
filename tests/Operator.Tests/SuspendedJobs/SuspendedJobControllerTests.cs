using System.Text.Json.Nodes;
using GpuMem.Api.TrainingJobs;
using GpuMem.Kubernetes.Events;
using GpuMem.Kubernetes.Informers;
using GpuMem.Operator.SuspendedJobs;
using GpuMem.Operator.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuMem.Operator.Tests.SuspendedJobs;

public sealed class SuspendedJobControllerTests : IAsyncLifetime, IEventRecorder
{
    private static readonly NamespacedName Name = new(Example.Namespace, "mine");

    private readonly List<string> _events = [];

    private LiveCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await LiveCluster.StartAsync(Example.Node("h100-0"), Example.Node("h100-1"));

    public async ValueTask DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task It_gets_the_GPUs_selector_and_tolerations_of_the_plan_and_its_pods_the_label()
    {
        await CreateJobAsync();
        await DescribeAsync();

        await RewriteAsync();

        var template = Template();
        Assert.Equal("4", (string?)template["spec"]!["containers"]![0]!["resources"]!["limits"]!["nvidia.com/gpu"]);
        Assert.Equal("sft", (string?)template["metadata"]!["labels"]!["gpumem.io/training-job"]);
        Assert.Equal("nvidia.com/gpu 0→4", (string?)template["metadata"]!["annotations"]!["gpumem.io/rewritten"]);
        Assert.NotEmpty(template["spec"]!["nodeSelector"]!.AsObject());
        Assert.NotEmpty(template["spec"]!["tolerations"]!.AsArray());
        Assert.Equal(["Rewritten GPUs of each pod set as the plan says: nvidia.com/gpu 0→4"], _events);
        // Volumes of a Job's template may never change.
        Assert.Null(template["spec"]!["volumes"]);
        Assert.Null(template["spec"]!["containers"]![0]!["volumeMounts"]);
    }

    [Fact]
    public async Task What_was_rewritten_is_not_written_again()
    {
        await CreateJobAsync();
        await DescribeAsync();
        await RewriteAsync();
        var writes = _cluster.Api.Writes.Count;

        await RewriteAsync();

        Assert.Equal(writes, _cluster.Api.Writes.Count);
    }

    /// <summary>Kueue suspends a Job as often as it preempts it.</summary>
    [Fact]
    public async Task One_that_is_suspended_again_gets_more_GPUs_where_its_TrainingJob_has_outgrown_those_of_the_first_plan()
    {
        await CreateJobAsync();
        await DescribeAsync();
        await RewriteAsync();
        await DescribeAsync("""{"model": {"name": "Qwen/Qwen2.5-32B"}, "training": {"sequenceLength": 512, "recompute": "Full"}}""");

        await RewriteAsync();

        Assert.Equal("8", (string?)Template()["spec"]!["containers"]![0]!["resources"]!["limits"]!["nvidia.com/gpu"]);
        Assert.Equal("nvidia.com/gpu 0→8", (string?)Template()["metadata"]!["annotations"]!["gpumem.io/rewritten"]);
    }

    [Theory]
    [InlineData("""{"model": {"name": "meta-llama/Llama-3.1-8B"}, "training": {"sequenceLength": 512, "recompute": "Full"}}""", "4")]
    [InlineData("""{"model": {"name": "Qwen/Qwen2.5-32B"}, "training": {"sequenceLength": 512, "recompute": "Full"}}""", "2")]
    public async Task What_is_enough_stays_and_so_does_what_its_author_wrote_since(string spec, string gpus)
    {
        await CreateJobAsync();
        await DescribeAsync();
        await RewriteAsync();
        if (gpus != "4")
            await _cluster.Api.PatchAsync<V1Job>(Name.Name, Name.Namespace, new V1Patch("""[{"op": "replace", "path": "/spec/template/spec/containers/0/resources/limits/nvidia.com~1gpu", "value": "2"}]""", V1Patch.PatchType.JsonPatch));
        await DescribeAsync(spec);

        await RewriteAsync();

        Assert.Equal(gpus, (string?)Template()["spec"]!["containers"]![0]!["resources"]!["limits"]!["nvidia.com/gpu"]);
    }

    [Theory]
    [InlineData("""{"spec": {"suspend": false}}""")]
    [InlineData("""{"status": {"active": 1}}""")]
    [InlineData("""{"metadata": {"labels": null}}""")]
    [InlineData("""{"metadata": {"ownerReferences": [{"apiVersion": "jobset.x-k8s.io/v1alpha2", "kind": "JobSet", "name": "set", "uid": "u", "controller": true}]}}""")]
    [InlineData("""{"spec": {"template": {"spec": {"containers": [{"name": "main", "resources": {"limits": {"nvidia.com/gpu": "2"}}}]}}}}""")]
    public async Task One_that_runs_is_made_by_somebody_is_not_labelled_or_asks_for_GPUs_itself_stays_as_it_is(string change)
    {
        await CreateJobAsync();
        await _cluster.Api.PatchAsync<V1Job>(Name.Name, Name.Namespace, new V1Patch(change, V1Patch.PatchType.MergePatch));
        await DescribeAsync();
        var before = _cluster.Api.Writes.Count;

        await RewriteAsync();

        Assert.Equal(before, _cluster.Api.Writes.Count);
    }

    [Fact]
    public async Task Before_there_is_a_TrainingJob_nothing_is_written_and_Kueue_goes_on_waiting()
    {
        await CreateJobAsync("gpumem.io/plan");

        await RewriteAsync();

        Assert.Equal("gpumem.io/plan", Gates());
    }

    [Theory]
    [InlineData("gpumem.io/plan", null)]
    [InlineData("example.com/other, gpumem.io/plan", "example.com/other")]
    [InlineData("example.com/other", "example.com/other")]
    public async Task With_the_plan_written_Kueue_waits_for_others_only(string gates, string? left)
    {
        await CreateJobAsync(gates);
        await DescribeAsync();

        await RewriteAsync();

        Assert.Equal(left, Gates());
        Assert.Equal("4", (string?)Template()["spec"]!["containers"]![0]!["resources"]!["limits"]!["nvidia.com/gpu"]);
    }

    [Fact]
    public async Task A_server_that_lets_no_resources_change_keeps_the_Job_and_Kueue_is_not_kept_waiting()
    {
        await CreateJobAsync("gpumem.io/plan");
        await DescribeAsync();

        await RewriteAsync(Support.Jobs.Newest with { ResourcesOfSuspendedJobs = false });

        Assert.Null(Template()["spec"]!["containers"]![0]!["resources"]);
        Assert.Null(Gates());
    }

    private async Task CreateJobAsync(string? gates = null) => await _cluster.Api.CreateAsync(
        new V1Job
        {
            ApiVersion = "batch/v1",
            Kind = "Job",
            Metadata = new V1ObjectMeta
            {
                Name = Name.Name,
                NamespaceProperty = Name.Namespace,
                Labels = new Dictionary<string, string> { ["gpumem.io/training-job"] = "sft" },
                Annotations = gates is null ? null : new Dictionary<string, string> { ["kueue.x-k8s.io/admission-gated-by"] = gates },
            },
            Spec = new V1JobSpec { Suspend = true, Template = new V1PodTemplateSpec { Spec = new V1PodSpec { Containers = [new V1Container { Name = "main", Image = "x" }] } } },
        },
        CancellationToken.None);

    /// <summary>Returns when the view knows the TrainingJob as it was written: a subscriber is first told of what was stored before.</summary>
    private async Task DescribeAsync(string? changed = null)
    {
        var written = changed is null
            ? await _cluster.Api.CreateAsync(Example.Job("sft", Example.Several), CancellationToken.None)
            : await _cluster.Api.PatchAsync<TrainingJob>("sft", Name.Namespace, new V1Patch($$$"""{"spec": {{{changed}}}}""", V1Patch.PatchType.MergePatch));
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var subscription = _cluster.View.Jobs.Subscribe(change =>
        {
            if (change.Entity.ResourceVersion() == written.ResourceVersion())
                heard.TrySetResult();
        });
        await heard.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    private async Task RewriteAsync(ServerFeatures? features = null)
    {
        var jobs = new Informer<V1Job, ChildJob>(
            _cluster.Api, new InformerOptions(), ChildJob.Read, NullLogger<Informer<V1Job>>.Instance, _cluster.Clock);
        var controller = new SuspendedJobController(
            _cluster.Api, _cluster.View, jobs, this, features ?? Support.Jobs.Newest, _cluster.Clock, NullLogger<SuspendedJobController>.Instance);
        await controller.RewriteAsync(Name, CancellationToken.None);
    }

    private JsonNode Template() => _cluster.Api.Raw<V1Job>(Name.Name, Name.Namespace)!["spec"]!["template"]!;

    private string? Gates() => (string?)_cluster.Api.Raw<V1Job>(Name.Name, Name.Namespace)!["metadata"]!["annotations"]?["kueue.x-k8s.io/admission-gated-by"];

    void IEventRecorder.Publish(k8s.IKubernetesObject<V1ObjectMeta> regarding, EventType type, string reason, string action, string note) => _events.Add($"{reason} {note}");
}
