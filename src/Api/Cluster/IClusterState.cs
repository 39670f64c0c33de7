using GpuMem.Api.ModelServers;
using GpuMem.Api.Nodes;
using GpuMem.Api.Pods;
using GpuMem.Api.TrainingJobs;

namespace GpuMem.Api.Cluster;

/// <summary>What decisions are made from: the pools, TrainingJobs and ModelServers there are, from memory. Asking never calls the API server.</summary>
public interface IClusterState
{
    PoolInventory Inventory { get; }

    IConfigMapModels ConfigMaps { get; }

    TrainingJob? FindJob(string ns, string name);

    ModelServer? FindServer(string ns, string name);

    /// <summary>What describes the workload of somebody else that <paramref name="workload"/> names.</summary>
    IEnumerable<IPodDescription> WithTarget(string ns, V1OwnerReference workload);
}

/// <summary>A cluster that does not change: files on a laptop, or a test.</summary>
public sealed class FixedCluster(PoolInventory inventory, IReadOnlyList<TrainingJob> jobs, IReadOnlyList<ModelServer> servers) : IClusterState
{
    public FixedCluster(PoolInventory inventory, IReadOnlyList<TrainingJob> jobs)
        : this(inventory, jobs, [])
    {
    }

    public PoolInventory Inventory { get; } = inventory;

    public IConfigMapModels ConfigMaps => NoConfigMaps.Instance;

    public TrainingJob? FindJob(string ns, string name) => Named(jobs, ns, name);

    public ModelServer? FindServer(string ns, string name) => Named(servers, ns, name);

    public IEnumerable<IPodDescription> WithTarget(string ns, V1OwnerReference workload) =>
        jobs.Concat<IPodDescription>(servers).Where(description => description.Targets(workload) && InNamespace(description, ns));

    private static T? Named<T>(IReadOnlyList<T> all, string ns, string name)
        where T : class, IPodDescription => all.FirstOrDefault(description => description.Name() == name && InNamespace(description, ns));

    /// <summary>A file often leaves its namespace to the command line.</summary>
    private static bool InNamespace(IPodDescription description, string ns) => (description.Namespace() ?? ns) == ns;
}
