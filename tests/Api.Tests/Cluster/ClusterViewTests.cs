using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using GpuMem.Api.Cluster;
using GpuMem.Api.Decisions;
using GpuMem.Api.Nodes;
using GpuMem.Api.Tests.NodeLabels;
using GpuMem.Api.TrainingJobs;
using GpuMem.Api.Workloads;
using GpuMem.TestKit;
using GpuMem.TestKit.InMemory;
using GpuMem.Kubernetes.Models;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuMem.Api.Tests.Clusters;

public sealed class ClusterViewTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly InMemoryApi _api = new();

    private readonly CancellationTokenSource _stop = new();

    private Task _following = Task.CompletedTask;

    [Fact]
    public async Task Who_is_told_that_pools_changed_finds_them_changed()
    {
        await _api.CreateAsync(Nodes.H100x8("one", "first"), CancellationToken.None);
        using var told = new SemaphoreSlim(0);
        var view = new ClusterView(_api, NullLoggerFactory.Instance, TimeProvider.System);
        Assert.Empty(view.Inventory.Entries);
        view.InventoryChanged += () => told.Release();
        _following = view.RunAsync(_stop.Token);
        await view.WaitForSyncAsync(_stop.Token).WaitAsync(Patience);
        Assert.True(await told.WaitAsync(Patience));
        var before = view.Inventory;
        Assert.Equal("first", Assert.Single(before.Pools).Name);

        await _api.CreateAsync(Nodes.H100x8("two", "second"), CancellationToken.None);
        Assert.True(await told.WaitAsync(Patience));

        Assert.Equal(["first", "second"], view.Inventory.Pools.Select(pool => pool.Name));
        Assert.Same(before.Find("first"), view.Inventory.Find("first"));
    }

    [Fact]
    public async Task What_a_driver_publishes_of_a_node_is_a_pool_as_soon_as_it_is_there()
    {
        await _api.CreateAsync(Nodes.With("n1", [("cpu", 64)], ("agentpool", "claims")), CancellationToken.None);
        using var told = new SemaphoreSlim(0);
        var view = new ClusterView(_api, NullLoggerFactory.Instance, TimeProvider.System);
        view.InventoryChanged += () => told.Release();
        _following = view.RunAsync(_stop.Token);
        await view.WaitForSyncAsync(_stop.Token).WaitAsync(Patience);
        Assert.Empty(view.Inventory.Entries);

        await _api.CreateAsync(Slice, CancellationToken.None);
        while (view.Inventory.Entries.Count == 0)
            Assert.True(await told.WaitAsync(Patience));
        var pool = Assert.Single(view.Inventory.Entries);
        Assert.Equal(("claims", "gpu.nvidia.com", MemorySource.ResourceSlice), (pool.Pool.Name, pool.Pool.ResourceName, pool.Source));

        await _api.DeleteAsync<k8s.Models.V1ResourceSlice>("s", null, CancellationToken.None);
        while (view.Inventory.Entries.Count > 0)
            Assert.True(await told.WaitAsync(Patience));
    }

    [Fact]
    public async Task Owners_of_workloads_are_followed_once_somebody_describes_what_others_made()
    {
        var asked = new ConcurrentQueue<string>();
        _api.OnCall = asked.Enqueue;
        var owner = new V1OwnerReference { ApiVersion = "jobset.x-k8s.io/v1alpha2", Kind = "JobSet", Name = "top", Uid = "1", Controller = true };
        await _api.CreateAsync(new OwnedJob { Metadata = new V1ObjectMeta { Name = "step", NamespaceProperty = "team", OwnerReferences = [owner] } }, CancellationToken.None);
        var view = new ClusterView(_api, NullLoggerFactory.Instance, TimeProvider.System, owners: new OwnerInformers(_api, NullLoggerFactory.Instance, TimeProvider.System));
        _following = view.RunAsync(_stop.Token);
        await view.WaitForSyncAsync(_stop.Token).WaitAsync(Patience);
        var step = new V1OwnerReference { ApiVersion = "batch/v1", Kind = "Job", Name = "step" };
        Assert.Null(view.Owner("team", step));
        Assert.DoesNotContain(asked, call => call.StartsWith("list jobs", StringComparison.Ordinal));

        var job = Jobs.Of(Jobs.Easy + "\ntargetRef: {apiVersion: jobset.x-k8s.io/v1alpha2, kind: JobSet, name: top}");
        (job.Metadata.Name, job.Metadata.NamespaceProperty) = ("described", "team");
        await _api.CreateAsync(job, CancellationToken.None);

        while (view.Owner("team", step) is null)
            await Task.Yield();
        var pod = new V1Pod { Metadata = new V1ObjectMeta { Name = "p", OwnerReferences = [new V1OwnerReference { ApiVersion = "batch/v1", Kind = "Job", Name = "step", Controller = true }] } };
        Assert.Equal("described", PodTie.Of(pod, "team", view).Description?.Name());
        Assert.Null(view.Owner("other", step));
    }

    [Fact]
    public async Task A_node_pool_of_Karpenter_is_a_pool_before_it_has_a_node_and_then_what_its_nodes_say()
    {
        await _api.ApplyAsync(new EntityMetadata("karpenter.sh", "v1", "NodePool", "nodepools", EntityScope.Cluster), KarpenterNodePool, "somebody", true, CancellationToken.None);
        using var told = new SemaphoreSlim(0);
        var view = new ClusterView(_api, NullLoggerFactory.Instance, TimeProvider.System);
        view.InventoryChanged += () => told.Release();
        _following = view.RunAsync(_stop.Token);
        await view.WaitForSyncAsync(_stop.Token).WaitAsync(Patience);
        var planned = Assert.Single(view.Inventory.Pools);
        Assert.Equal(("big", "NVIDIA-H100", 0, 2), (planned.Name, planned.Product[..11], planned.Nodes, planned.MaxNodes));

        await _api.CreateAsync(Nodes.Of("n1", 8, ("karpenter.sh/nodepool", "big"), ("nvidia.com/gpu.product", "NVIDIA-H200"), ("nvidia.com/gpu.memory", "143771")), CancellationToken.None);
        while (view.Inventory.Find("big") is not { Nodes.Count: 1 })
            Assert.True(await told.WaitAsync(Patience));
        var there = Assert.Single(view.Inventory.Pools);
        Assert.Equal(("big", "NVIDIA-H200", 1, 2), (there.Name, there.Product, there.Nodes, there.MaxNodes));
    }

    [Fact]
    public async Task The_label_of_a_namespace_decides_then_what_was_said_of_its_name_then_what_is_usual()
    {
        foreach (var (name, mode) in new[] { ("labelled", "Off"), ("misspelt", "enforce") })
            await _api.CreateAsync(new k8s.Models.V1Namespace { Metadata = new() { Name = name, Labels = new Dictionary<string, string> { ["gpumem.io/mode"] = mode } } }, CancellationToken.None);
        var said = new Dictionary<string, PolicyMode> { ["labelled"] = PolicyMode.Enforce, ["misspelt"] = PolicyMode.Enforce, ["named"] = PolicyMode.Enforce };
        var view = new ClusterView(_api, NullLoggerFactory.Instance, TimeProvider.System, new UsualPolicy(PolicyMode.Warn, said));
        _following = view.RunAsync(_stop.Token);
        await view.WaitForSyncAsync(_stop.Token).WaitAsync(Patience);

        Assert.Equal((PolicyMode.Off, PolicyMode.Enforce, PolicyMode.Enforce, PolicyMode.Warn), (view.ModeOf("labelled"), view.ModeOf("misspelt"), view.ModeOf("named"), view.ModeOf("other")));
    }

    [Fact]
    public async Task Of_the_annotations_of_a_job_the_override_alone_is_kept()
    {
        var job = Jobs.Of(Jobs.Impossible);
        job.Metadata.Annotations = new Dictionary<string, string> { ["gpumem.io/override"] = "measured", ["kubectl.kubernetes.io/last-applied-configuration"] = "{}" };
        await _api.CreateAsync(job, CancellationToken.None);
        var view = new ClusterView(_api, NullLoggerFactory.Instance, TimeProvider.System);
        _following = view.RunAsync(_stop.Token);
        await view.WaitForSyncAsync(_stop.Token).WaitAsync(Patience);

        Assert.Equal("gpumem.io/override", Assert.Single(view.FindJob("team", "job")!.Metadata.Annotations).Key);
    }

    private static JsonObject KarpenterNodePool => JsonNode.Parse("""
        {
          "apiVersion": "karpenter.sh/v1", "kind": "NodePool", "metadata": {"name": "big"},
          "spec": {
            "limits": {"nvidia.com/gpu": "16"},
            "template": {"spec": {"requirements": [{"key": "node.kubernetes.io/instance-type", "operator": "In", "values": ["p5.48xlarge"]}]}}
          }
        }
        """)!.AsObject();

    private static k8s.Models.V1ResourceSlice Slice => new()
    {
        Metadata = new k8s.Models.V1ObjectMeta { Name = "s" },
        Spec = new k8s.Models.V1ResourceSliceSpec
        {
            Driver = "gpu.nvidia.com",
            NodeName = "n1",
            Pool = new k8s.Models.V1ResourcePool { Name = "n1", Generation = 1, ResourceSliceCount = 1 },
            Devices =
            [
                new k8s.Models.V1Device
                {
                    Name = "gpu-0",
                    Attributes = new Dictionary<string, k8s.Models.V1DeviceAttribute> { ["productName"] = new() { StringValue = "NVIDIA L4" } },
                    Capacity = new Dictionary<string, k8s.Models.V1DeviceCapacity> { ["memory"] = new() { Value = new k8s.Models.ResourceQuantity("23034Mi") } },
                },
            ],
        },
    };

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _following;
        _stop.Dispose();
    }
}
