using GpuMem.Kubernetes;
using GpuMem.Kubernetes.Configuration;
using GpuMem.TestKit;
using k8s.Models;

namespace GpuMem.Cluster.Tests;

/// <summary>
/// A real server takes each kind of object that we send, in the form that we make. What KubernetesClient.Aot has read it cannot always write
/// again (NotSupportedException where it holds managedFields), so nothing is sent back as it was read.
/// </summary>
public sealed class WritesTests(ControlPlane controlPlane) : IClassFixture<ControlPlane>, IAsyncLifetime
{
    private readonly string _ns = $"writes-{Guid.NewGuid():N}"[..18];

    private readonly KubernetesClient _client = new(KubernetesClientConfiguration.BuildConfigFromConfigFile(controlPlane.Kubeconfig));

    public async ValueTask InitializeAsync() => await controlPlane.KubectlAsync("create", "namespace", _ns);

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    [ClusterFact]
    public async Task A_lease_is_created_and_renewed_on_a_whole_second()
    {
        var created = await _client.CreateAsync(new V1Lease { Metadata = Named("lease"), Spec = new V1LeaseSpec { HolderIdentity = "a", LeaseDurationSeconds = 15, AcquireTime = WholeSecond, RenewTime = WholeSecond } });
        created.Spec.HolderIdentity = "b";

        var renewed = await _client.UpdateAsync(new V1Lease { Metadata = created.Metadata, Spec = created.Spec });

        Assert.Equal(("b", WholeSecond), (renewed.Spec.HolderIdentity, renewed.Spec.RenewTime));
    }

    [ClusterFact]
    public async Task An_event_is_created_and_its_series_patched_on_a_whole_second()
    {
        await _client.CreateAsync(new Eventsv1Event
        {
            Metadata = Named("event"),
            EventTime = WholeSecond,
            Action = "Planning",
            Reason = "Fits",
            Type = "Normal",
            Note = "fits",
            ReportingController = "gpumem.io/operator",
            ReportingInstance = "test",
            Regarding = new V1ObjectReference { ApiVersion = "v1", Kind = "Pod", Name = "pod", NamespaceProperty = _ns },
        });

        var patched = await _client.PatchAsync<Eventsv1Event>(
            "event", _ns, new V1Patch("""{"series":{"count":2,"lastObservedTime":"2026-11-28T12:00:00.000000Z"}}""", V1Patch.PatchType.MergePatch));

        Assert.Equal((2, WholeSecond), (patched.Series.Count, patched.Series.LastObservedTime));
    }

    [ClusterFact]
    public async Task A_secret_is_created_and_a_null_takes_a_label_away()
    {
        var created = await _client.CreateAsync(new V1Secret { Metadata = new V1ObjectMeta { Name = "secret", NamespaceProperty = _ns, Labels = new Dictionary<string, string> { ["gone"] = "soon" } }, Type = "kubernetes.io/tls", Data = new Dictionary<string, byte[]> { ["tls.crt"] = [1], ["tls.key"] = [2] } });
        Assert.Equal("soon", created.Metadata.Labels["gone"]);

        var patched = await _client.PatchAsync<V1Secret>("secret", _ns, new V1Patch("""{"metadata":{"labels":{"gone":null}}}""", V1Patch.PatchType.MergePatch));

        Assert.False(patched.Metadata.Labels?.ContainsKey("gone") ?? false);
        Assert.Equal([1], patched.Data["tls.crt"]);
    }

    [ClusterFact]
    public async Task It_is_asked_what_somebody_may_do()
    {
        var review = await _client.CreateAsync(new V1SubjectAccessReview
        {
            Metadata = new V1ObjectMeta(),
            Spec = new V1SubjectAccessReviewSpec { User = "nobody", ResourceAttributes = new V1ResourceAttributes { NamespaceProperty = _ns, Verb = "create", Version = "v1", Resource = "pods" } },
        });

        Assert.False(review.Status.Allowed);
    }

    [ClusterFact]
    public async Task What_was_read_is_applied_again_by_another_manager()
    {
        await controlPlane.KubectlAsync("create", "configmap", "map", "-n", _ns, "--from-literal", "key=value");
        var read = await _client.GetAsync<V1ConfigMap>("map", _ns);

        var applied = await _client.ApplyAsync(read!, "gpumem-test", force: true);

        Assert.Equal("value", applied.Data["key"]);
    }

    private static DateTime WholeSecond { get; } = new(2026, 11, 28, 12, 0, 0, DateTimeKind.Utc);

    private V1ObjectMeta Named(string name) => new() { Name = name, NamespaceProperty = _ns };
}
