using GpuMem.Kubernetes.Controllers;
using GpuMem.Kubernetes.Events;
using GpuMem.Kubernetes.Informers;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuMem.Operator.Tests.Support;

/// <summary>Reconciles with a new controller each time, as a process does that was killed in between.</summary>
internal sealed class Reconciler(LiveCluster cluster) : IEventRecorder
{
    private readonly List<(EventType Type, string Reason, string Note)> _events = [];

    public IEnumerable<string> Events => _events.Select(told => told.Reason);

    public IEnumerable<string> Notes => _events.Select(told => told.Note);

    /// <summary>The cache of children has not heard of anything yet.</summary>
    public bool CacheIsBehind { get; init; }

    public InMemoryApi Api => cluster.Api;

    public Task<TrainingJob> CreateAsync(string spec, string? template = Jobs.Template) =>
        Api.CreateAsync(Example.Job("sft", template is null ? spec : Example.With(spec, "template", template)), CancellationToken.None);

    public async Task<TrainingJob> JobAsync() => (await Api.GetAsync<TrainingJob>("sft", Example.Namespace, CancellationToken.None))!;

    public Task<V1Job?> ChildAsync() => Api.GetAsync<V1Job>("sft", Example.Namespace, CancellationToken.None);

    public async Task<TrainingJobStatus> ReconcileAsync()
    {
        await RunAsync();
        return (await JobAsync()).Status;
    }

    public async Task<ReconciliationResult<TrainingJob>> RunAsync()
    {
        var controller = await ControllerAsync();
        return await controller.ReconcileAsync(await JobAsync(), CancellationToken.None);
    }

    /// <summary>The second time before the caches have heard of what was written the first time.</summary>
    public async Task RunTwiceAsync()
    {
        var (controller, job) = (await ControllerAsync(), await JobAsync());
        await controller.ReconcileAsync(job, CancellationToken.None);
        cluster.Clock.Now += TimeSpan.FromMinutes(1);
        await controller.ReconcileAsync(job, CancellationToken.None);
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
        Api.PatchAsync<T>("sft", Example.Namespace, new V1Patch(patch, V1Patch.PatchType.MergePatch));

    private async Task<TrainingJobController> ControllerAsync()
    {
        cluster.Clock.Now += TimeSpan.FromMinutes(1);
        var children = new Children(CacheIsBehind ? null : await ChildAsync());
        return new TrainingJobController(Api, cluster.View, cluster.Allocations, children, this, Jobs.Newest, cluster.Clock, NullLogger<TrainingJobController>.Instance);
    }

    void IEventRecorder.Publish(k8s.IKubernetesObject<V1ObjectMeta> regarding, EventType type, string reason, string action, string note) => _events.Add((type, reason, note));

    private sealed class Children(V1Job? job) : IEntityStore<ChildJob>
    {
        // Children carry our label; the cache holds no others.
        private readonly ChildJob? _known = job?.GetLabel("gpumem.io/training-job") is null ? null : ChildJob.Read(job);

        public int Count => List().Count;

        public IReadOnlyCollection<ChildJob> ByIndex(string index, string key) => throw new NotSupportedException();

        public ChildJob? Get(NamespacedName name) => _known;

        public IReadOnlyCollection<ChildJob> List() => _known is null ? [] : [_known];
    }
}
