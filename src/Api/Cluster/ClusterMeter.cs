using System.Diagnostics.Metrics;
using GpuMem.Api.ModelServers;
using GpuMem.Api.Nodes;
using GpuMem.Api.TrainingJobs;
using GpuMem.Planning;

namespace GpuMem.Api.Cluster;

/// <summary>What operator and webhook see of the cluster, as metrics: how old that is, jobs and servers by verdict, and for each pool what it has and what is planned on it.</summary>
public sealed class ClusterMeter : IDisposable
{
    public const string Name = "GpuMem.Api";

    private readonly Meter _meter = new(Name);

    private readonly ClusterView? _view;

    private readonly TimeProvider _time;

    private readonly Func<PoolEntry, long>? _held;

    /// <param name="view">Null for a list of the instruments.</param>
    /// <param name="time">The clock.</param>
    /// <param name="held">GPUs of a pool that pods hold; null where nobody follows pods.</param>
    public ClusterMeter(ClusterView? view, TimeProvider time, Func<PoolEntry, long>? held = null)
    {
        (_view, _time, _held) = (view, time, held);
        _meter.CreateObservableGauge("gpumem_cache_age_seconds", Ages, "s", "How long ago the API server was last heard about a kind");
        _meter.CreateObservableGauge("gpumem_jobs", Jobs, null, "TrainingJobs and ModelServers, by verdict and phase");
        _meter.CreateObservableGauge("gpumem_pool_gpus", () => Pools(pool => (long)pool.Pool.GpusPerNode * pool.Pool.Nodes), null, "GPUs of the nodes that a pool has");
        _meter.CreateObservableGauge("gpumem_pool_gpus_held", () => _held is null ? [] : Pools(_held), null, "GPUs of a pool that pods hold");
        _meter.CreateObservableGauge("gpumem_pool_gpus_planned", () => Planned(plan => plan.Gpus ?? 0), null, "GPUs of a pool on which jobs and servers are planned that have not ended");
        _meter.CreateObservableGauge("gpumem_pool_memory_bytes", () => Pools(pool => pool.Pool.UsableMemory?.Value), "bytes", "Memory that a process can get of one GPU of a pool; no series where it is not known");
        _meter.CreateObservableGauge("gpumem_pool_memory_needed_bytes", Needed, "bytes", "Memory that jobs and servers are expected to need on a pool's GPUs, all together, that have not ended");
    }

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<double>> Ages() =>
        from cache in _view?.Status ?? []
        let age = _time.GetUtcNow() - cache.LastContact
        where age is not null
        select new Measurement<double>(Math.Max(0, age.Value.TotalSeconds), Label("kind", cache.Name));

    private IEnumerable<Measurement<long>> Jobs() => All()
        .GroupBy(one => (one.Kind, one.Verdict, one.Phase))
        .Select(group => new Measurement<long>(
            group.LongCount(), Label("kind", group.Key.Kind), Label("verdict", $"{group.Key.Verdict}"), Label("phase", group.Key.Phase)));

    private IEnumerable<Measurement<long>> Pools(Func<PoolEntry, long> value) => Pools(pool => (long?)value(pool));

    private IEnumerable<Measurement<long>> Pools(Func<PoolEntry, long?> value) =>
        from pool in _view?.Inventory.Entries ?? []
        let number = value(pool)
        where number is not null
        select new Measurement<long>(number.Value, Label("pool", pool.Pool.Name));

    private IEnumerable<Measurement<long>> Planned(Func<PlanStatus, long> value) => Placed()
        .GroupBy(one => one.Plan!.Pool!)
        .Select(group => new Measurement<long>(group.Sum(one => value(one.Plan!)), Label("pool", group.Key)));

    private IEnumerable<Measurement<long>> Needed() => Placed()
        .GroupBy(one => one.Plan!.Pool!)
        .Select(group => new Measurement<long>(
            group.Sum(one => Quantity.TryParse(one.PerGpu, out var needed) ? needed.ToInt64() * (one.Plan!.Gpus ?? 0) : 0), Label("pool", group.Key)));

    private IEnumerable<Described> Placed() => All().Where(one => one is { Plan.Pool: not null, HasEnded: false });

    private IEnumerable<Described> All() => _view is null ? [] :
    [
        .. _view.Jobs.Store.List().Select(job => new Described(
            nameof(TrainingJob), job.Status?.Verdict, $"{job.Status?.Phase}", job.Status?.Plan, job.Status?.Estimate?.PerGPU, job.Status?.Phase is TrainingJobPhase.Complete or TrainingJobPhase.Failed)),
        .. _view.Servers.Store.List().Select(server => new Described(
            nameof(ModelServer), server.Status?.Verdict, $"{server.Status?.Phase}", server.Status?.Plan, server.Status?.Estimate?.PerGPU, false)),
    ];

    private static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);

    private sealed record Described(string Kind, Verdict? Verdict, string Phase, PlanStatus? Plan, string? PerGpu, bool HasEnded);
}
