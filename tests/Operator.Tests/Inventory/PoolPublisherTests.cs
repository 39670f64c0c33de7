using GpuMem.Api.GpuPools;
using GpuMem.Operator.Inventory;
using GpuMem.Operator.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuMem.Operator.Tests.Inventory;

public sealed class PoolPublisherTests : IAsyncLifetime
{
    private const string H100 = "nvidia-h100-80gb-hbm3";

    private readonly CancellationTokenSource _stop = new();

    private LiveCluster _cluster = null!;

    private Task _publishing = Task.CompletedTask;

    public async ValueTask InitializeAsync() => _cluster = await LiveCluster.StartAsync(Example.Node("h100-0"), Example.Node("h100-1"));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _publishing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _cluster.DisposeAsync();
        _stop.Dispose();
    }

    [Fact]
    public async Task Each_set_of_like_nodes_becomes_a_pool_with_what_its_nodes_say()
    {
        Publish();
        var pool = await UntilAsync(H100, pool => pool.Status.Nodes is not null);
        Assert.Equal("true", pool.GetLabel("gpumem.io/discovered"));
        Assert.Equal(("NVIDIA-H100-80GB-HBM3", 2, 16L, "FeatureDiscovery", false), (pool.Status.Product, pool.Status.Nodes, pool.Status.Gpus, pool.Status.Source, pool.Status.Heterogeneous));
        Assert.Equal("True", Assert.Single(pool.Status.Conditions!).Status);
        Assert.EndsWith("Gi", pool.Status.MemoryPerGPU);
    }

    [Fact]
    public async Task A_pool_of_unknown_memory_says_what_to_declare()
    {
        await _cluster.Api.CreateAsync(Example.Node("x-0", "Secret-GPU", memory: null), CancellationToken.None);
        Publish();
        var condition = Assert.Single((await UntilAsync("secret-gpu", pool => pool.Status.Conditions is not null)).Status.Conditions!);
        Assert.Equal(("CapacityKnown", "False", "MemoryUnknown"), (condition.Type, condition.Status, condition.Reason));
        Assert.Contains("nvidia.com/gpu.memory", condition.Message);
    }

    [Fact]
    public async Task A_declaration_that_the_nodes_contradict_is_a_condition()
    {
        await DeclareAsync(new GpuPoolSpec { Product = "Tesla-T4" });
        Publish();
        var pool = await UntilAsync(H100, pool => Conflict(pool) is not null);
        Assert.Contains("node h100-0 has NVIDIA-H100-80GB-HBM3", Conflict(pool)!.Message);
    }

    [Fact]
    public async Task Each_resource_of_a_node_is_a_pool_that_is_published()
    {
        var node = Example.Node("mixed-0", "NVIDIA-A100-SXM4-80GB", "81920", 4);
        node.Status!.Allocatable!["nvidia.com/mig-1g.10gb"] = new ResourceQuantity("7");
        await _cluster.Api.CreateAsync(node, CancellationToken.None);
        Publish();
        var slices = await UntilAsync("nvidia-a100-sxm4-80gb-mig-1g.10gb", pool => pool.Status.Nodes == 1);
        Assert.Equal(("nvidia.com/mig-1g.10gb", 7L, "Catalogue"), (slices.Status.ResourceName, slices.Status.Gpus, slices.Status.Source));
        Assert.Equal(4L, (await UntilAsync("nvidia-a100-sxm4-80gb", pool => pool.Status.Nodes == 1)).Status.Gpus);
    }

    [Fact]
    public async Task A_pool_that_we_made_goes_with_its_last_node()
    {
        Publish();
        await UntilAsync(H100, pool => pool.Status.Nodes == 2);
        await _cluster.Api.DeleteAsync<V1Node>("h100-0", null, CancellationToken.None);
        await UntilAsync(H100, pool => pool.Status.Nodes == 1);
        await _cluster.Api.DeleteAsync<V1Node>("h100-1", null, CancellationToken.None);
        await UntilGoneAsync(H100);
    }

    [Fact]
    public async Task A_pool_that_an_administrator_declared_stays_and_is_told_of_no_nodes()
    {
        await DeclareAsync(new GpuPoolSpec { MaxNodes = 4 });
        Publish();
        await UntilAsync(H100, pool => pool.Status.Nodes == 2);
        await _cluster.Api.DeleteAsync<V1Node>("h100-0", null, CancellationToken.None);
        await _cluster.Api.DeleteAsync<V1Node>("h100-1", null, CancellationToken.None);
        var pool = await UntilAsync(H100, pool => pool.Status.Nodes == 0);
        Assert.Equal("NoNodes", Assert.Single(pool.Status.Conditions!).Reason);
        Assert.Equal(4, pool.Spec.MaxNodes);
    }

    [Fact]
    public async Task What_an_administrator_wrote_is_not_changed()
    {
        await DeclareAsync(new GpuPoolSpec { PricePerGPUHour = Quantity.Parse("3.90"), Selector = new Dictionary<string, string> { ["nvidia.com/gpu.product"] = "NVIDIA-H100-80GB-HBM3" } });
        var spec = _cluster.Api.Raw<GpuPool>(H100)!["spec"]!.ToJsonString();
        Publish();
        await UntilAsync(H100, pool => pool.Status.Nodes == 2);
        Assert.Equal(spec, _cluster.Api.Raw<GpuPool>(H100)!["spec"]!.ToJsonString());
        Assert.Null(_cluster.Api.Raw<GpuPool>(H100)!["metadata"]!["labels"]);
    }

    [Fact]
    public async Task A_pool_that_somebody_deleted_comes_back()
    {
        Publish();
        await UntilAsync(H100, pool => pool.Status.Nodes == 2);
        var from = _cluster.Api.Version;
        await _cluster.Api.DeleteAsync<GpuPool>(H100, null, CancellationToken.None);
        await UntilAsync(H100, pool => pool.Status.Nodes == 2, from);
    }

    [Fact]
    public async Task A_status_that_is_right_is_not_written_again()
    {
        Publish();
        await UntilAsync(H100, pool => pool.Status.Nodes == 2);
        // Another pool's status comes after the first was looked at again.
        await _cluster.Api.CreateAsync(Example.Node("t4-0", "Tesla-T4", "15360", 1), CancellationToken.None);
        await UntilAsync("tesla-t4", pool => pool.Status.Nodes == 1);
        Assert.Single(_cluster.Api.Writes, write => write == $"apply-status gpupools {H100}");
    }

    [Fact]
    public async Task A_write_that_fails_is_tried_again()
    {
        var refused = 0;
        _cluster.Api.OnCall = call =>
        {
            if (call.StartsWith("create gpupools", StringComparison.Ordinal) && refused++ < 2)
                throw InMemoryApi.Refusal(503, "ServiceUnavailable");
        };
        Publish();
        await UntilAsync(H100, pool => pool.Status.Nodes == 2);
        Assert.Equal(3, refused);
    }

    [Fact]
    public async Task Pods_that_run_take_gpus_and_give_them_back_when_they_end()
    {
        Publish();
        await HoldAsync("a", "h100-0", 4, "Running");
        await HoldAsync("b", "h100-1", 2, "Pending");
        await HoldAsync("ended", "h100-1", 8, "Succeeded");
        await UntilAsync(H100, pool => pool.Status.Allocated == 6);

        await _cluster.Api.DeleteAsync<V1Pod>("a", Example.Namespace, CancellationToken.None);
        await UntilAsync(H100, pool => pool.Status.Allocated == 2);
    }

    private static Condition? Conflict(GpuPool pool) => pool.Status.Conditions?.SingleOrDefault(condition => condition.Type == "Conflicting");

    private Task<V1Pod> HoldAsync(string name, string node, int gpus, string phase) => _cluster.Api.CreateAsync(
        new V1Pod
        {
            Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = Example.Namespace },
            Spec = new V1PodSpec
            {
                NodeName = node,
                Containers = [new V1Container { Name = "t", Resources = new V1ResourceRequirements { Limits = new Dictionary<string, ResourceQuantity> { ["nvidia.com/gpu"] = new(gpus, 0, ResourceQuantity.SuffixFormat.DecimalSI) } } }],
            },
            Status = new V1PodStatus { Phase = phase },
        },
        CancellationToken.None);

    private void Publish()
    {
        Allocations allocations = new(_cluster.Api, NullLoggerFactory.Instance, _cluster.Clock);
        _publishing = Task.WhenAll(
            allocations.RunAsync(_stop.Token),
            new PoolPublisher(_cluster.Api, _cluster.View, allocations, _cluster.Clock, NullLogger<PoolPublisher>.Instance).RunAsync(_stop.Token));
    }

    private Task<GpuPool> DeclareAsync(GpuPoolSpec spec) =>
        _cluster.Api.CreateAsync(new GpuPool { Metadata = new V1ObjectMeta { Name = H100 }, Spec = spec }, CancellationToken.None);

    private async Task<GpuPool> UntilAsync(string name, Func<GpuPool, bool> wanted, string from = "0")
    {
        await foreach (var change in WatchAsync(from))
            if (change is { Type: not WatchEventType.Deleted, Object: { } pool } && pool.Name() == name && wanted(pool))
                return pool;
        throw new InvalidOperationException("the watch ended");
    }

    private async Task UntilGoneAsync(string name)
    {
        await foreach (var change in WatchAsync("0"))
            if (change.Type == WatchEventType.Deleted && change.Object!.Name() == name)
                return;
    }

    private async IAsyncEnumerable<WatchEvent<GpuPool>> WatchAsync(string from)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(60));
        await foreach (var change in _cluster.Api.WatchAsync<GpuPool>(new ListOptions(ResourceVersion: from), null, false, null, patience.Token))
            yield return change;
    }
}
