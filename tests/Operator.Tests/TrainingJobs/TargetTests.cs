using GpuMem.Operator.Tests.Support;

namespace GpuMem.Operator.Tests.TrainingJobs;

/// <summary>What the status says of the workload that a targetRef names.</summary>
public sealed class TargetTests : IAsyncLifetime
{
    private const string Reference = """{"apiVersion": "batch/v1", "kind": "Job", "name": "train"}""";

    private LiveCluster _cluster = null!;

    private Reconciler _reconciler = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await LiveCluster.StartAsync(Example.Node("h100-0"));
        _reconciler = new Reconciler(_cluster);
    }

    public async ValueTask DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task That_there_is_none_is_said_and_looked_at_again_and_so_is_that_it_came()
    {
        await CreateAsync(Reference);
        var result = await _reconciler.RunAsync();
        Assert.Equal(("False", "there is no Job 'train' in this namespace: until there is, this describes no pods"), await FoundAsync());
        Assert.NotNull(result.RequeueAfter);

        await _cluster.Api.CreateAsync(new V1Job { ApiVersion = "batch/v1", Kind = "Job", Metadata = new V1ObjectMeta { Name = "train", NamespaceProperty = Example.Namespace } }, CancellationToken.None);
        result = await _reconciler.RunAsync();
        Assert.Equal(("True", "Job 'train' is there"), await FoundAsync());
        Assert.Null(result.RequeueAfter);
    }

    [Fact]
    public async Task What_was_found_is_not_asked_for_again_each_time_that_pools_change()
    {
        await CreateAsync(Reference);
        await _cluster.Api.CreateAsync(new V1Job { ApiVersion = "batch/v1", Kind = "Job", Metadata = new V1ObjectMeta { Name = "train", NamespaceProperty = Example.Namespace } }, CancellationToken.None);
        await _reconciler.RunAsync();
        await _cluster.Api.DeleteAsync<V1Job>("train", Example.Namespace, CancellationToken.None);

        await _reconciler.RunAsync();

        Assert.Equal(("True", "Job 'train' is there"), await FoundAsync());
    }

    [Fact]
    public async Task A_kind_whose_pods_nobody_knows_is_said()
    {
        await CreateAsync("""{"apiVersion": "example.com/v1", "kind": "Sweep", "name": "x"}""");
        await _reconciler.RunAsync();
        Assert.Equal(("False", "example.com/v1 Sweep is no kind whose pods are known: label its pods instead"), await FoundAsync());
    }

    [Fact]
    public async Task Where_nothing_is_named_nothing_is_said()
    {
        await _reconciler.CreateAsync(Example.Several, template: null);
        await _reconciler.RunAsync();
        Assert.DoesNotContain((await _reconciler.JobAsync()).Status.Conditions!, condition => condition.Type == "TargetFound");
    }

    private Task<TrainingJob> CreateAsync(string reference) => _reconciler.CreateAsync(Example.With(Example.Several, "targetRef", reference), template: null);

    private async Task<(string?, string?)> FoundAsync()
    {
        var condition = (await _reconciler.JobAsync()).Status.Conditions!.Single(condition => condition.Type == "TargetFound");
        return (condition.Status, condition.Message);
    }
}
