using GpuMem.Api.ModelServers;
using GpuMem.Kubernetes.Controllers;
using GpuMem.Kubernetes.Events;
using GpuMem.Kubernetes.Informers;
using GpuMem.Operator.ModelServers;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuMem.Operator.Tests.Support;

/// <summary>Reconciles a ModelServer with a new controller each time, as a process does that was killed in between.</summary>
internal sealed class ServerReconciler(LiveCluster cluster) : IEventRecorder
{
    public const string Template = """{"metadata": {"labels": {"team": "a"}}, "spec": {"containers": [{"name": "vllm", "image": "vllm"}]}}""";

    private readonly List<(string Reason, string Note)> _events = [];

    public IEnumerable<string> Events => _events.Select(told => told.Reason);

    public IEnumerable<string> Notes => _events.Select(told => told.Note);

    /// <summary>The cache of children has not heard of anything yet.</summary>
    public bool CacheIsBehind { get; init; }

    public InMemoryApi Api => cluster.Api;

    public Task<ModelServer> CreateAsync(string spec, string? template = Template) =>
        Api.CreateAsync(Example.Server("llama", template is null ? spec : Example.With(spec, "template", template)), CancellationToken.None);

    public async Task<ModelServer> ServerAsync() => (await Api.GetAsync<ModelServer>("llama", Example.Namespace, CancellationToken.None))!;

    public Task<V1Deployment?> ChildAsync() => Api.GetAsync<V1Deployment>("llama", Example.Namespace, CancellationToken.None);

    public async Task<ModelServerStatus> ReconcileAsync()
    {
        await RunAsync();
        return (await ServerAsync()).Status;
    }

    public async Task<ReconciliationResult<ModelServer>> RunAsync()
    {
        cluster.Clock.Now += TimeSpan.FromMinutes(1);
        var children = new Children(CacheIsBehind ? null : await ChildAsync());
        var controller = new ModelServerController(Api, cluster.View, children, this, cluster.Clock, NullLogger<ModelServerController>.Instance);
        return await controller.ReconcileAsync(await ServerAsync(), CancellationToken.None);
    }

    /// <summary>Reconciles and returns what was written meanwhile.</summary>
    public async Task<IEnumerable<string>> WritesOfReconcilingAsync()
    {
        var before = Api.Writes.Count;
        await RunAsync();
        return Api.Writes.Skip(before);
    }

    public Task PatchAsync<T>(string patch)
        where T : class, k8s.IKubernetesObject<V1ObjectMeta> =>
        Api.PatchAsync<T>("llama", Example.Namespace, new V1Patch(patch, V1Patch.PatchType.MergePatch));

    void IEventRecorder.Publish(k8s.IKubernetesObject<V1ObjectMeta> regarding, EventType type, string reason, string action, string note) => _events.Add((reason, note));

    private sealed class Children(V1Deployment? deployment) : IEntityStore<ChildServer>
    {
        // Children carry our label; the cache holds no others.
        private readonly ChildServer? _known = deployment?.GetLabel("gpumem.io/model-server") is null ? null : ChildServer.Read(deployment);

        public int Count => List().Count;

        public IReadOnlyCollection<ChildServer> ByIndex(string index, string key) => throw new NotSupportedException();

        public ChildServer? Get(NamespacedName name) => _known;

        public IReadOnlyCollection<ChildServer> List() => _known is null ? [] : [_known];
    }
}
