using GpuMem.Api.ModelServers;
using GpuMem.Api.Nodes;
using GpuMem.Api.Pods;
using GpuMem.Api.TrainingJobs;
using GpuMem.Api.Workloads;

namespace GpuMem.Api.Cluster;

/// <summary>What decisions are made from: the pools, TrainingJobs and ModelServers there are, from memory. Asking never calls the API server.</summary>
public interface IClusterState
{
    PoolInventory Inventory { get; }

    IConfigMapModels ConfigMaps { get; }

    /// <summary>What is done in a namespace where a TrainingJob or ModelServer does not say: by its label, else as in the whole cluster.</summary>
    PolicyMode ModeOf(string ns);

    TrainingJob? FindJob(string ns, string name);

    ModelServer? FindServer(string ns, string name);

    /// <summary>What describes the workload of somebody else that <paramref name="workload"/> names.</summary>
    IEnumerable<IPodDescription> WithTarget(string ns, V1OwnerReference workload);

    /// <summary>Something in the namespace describes a workload of somebody else; where nothing does, no owner need be looked up.</summary>
    bool HasTargets(string ns);

    /// <summary>Labels and owners of a workload; null when it is not known here.</summary>
    V1ObjectMeta? Owner(string ns, V1OwnerReference workload);
}

/// <summary>A cluster that does not change: files on a laptop, or a test.</summary>
public sealed class FixedCluster(PoolInventory inventory, IReadOnlyList<TrainingJob> jobs, IReadOnlyList<ModelServer> servers, IReadOnlyList<Workload> workloads) : IClusterState
{
    public FixedCluster(PoolInventory inventory, IReadOnlyList<TrainingJob> jobs)
        : this(inventory, jobs, [])
    {
    }

    public FixedCluster(PoolInventory inventory, IReadOnlyList<TrainingJob> jobs, IReadOnlyList<ModelServer> servers)
        : this(inventory, jobs, servers, [])
    {
    }

    public PoolInventory Inventory { get; } = inventory;

    public IConfigMapModels ConfigMaps { get; init; } = NoConfigMaps.Instance;

    /// <summary>Of every namespace.</summary>
    public PolicyMode UsualMode { get; init; } = PolicyMode.Enforce;

    public PolicyMode ModeOf(string ns) => UsualMode;

    public TrainingJob? FindJob(string ns, string name) => Named(jobs, ns, name);

    public ModelServer? FindServer(string ns, string name) => Named(servers, ns, name);

    public IEnumerable<IPodDescription> WithTarget(string ns, V1OwnerReference workload) =>
        jobs.Concat<IPodDescription>(servers).Where(description => description.Targets(workload) && InNamespace(description, ns));

    public bool HasTargets(string ns) => jobs.Concat<IPodDescription>(servers).Any(description => description.TargetRef is not null && InNamespace(description, ns));

    public V1ObjectMeta? Owner(string ns, V1OwnerReference workload) => workloads.FirstOrDefault(known =>
        known.Identity.Kind == workload.Kind && known.Identity.Name == workload.Name && WorkloadReader.Group(known.Identity.ApiVersion) == WorkloadReader.Group(workload.ApiVersion)
        && (known.Metadata.NamespaceProperty ?? ns) == ns)?.Metadata;

    private static T? Named<T>(IReadOnlyList<T> all, string ns, string name)
        where T : class, IPodDescription => all.FirstOrDefault(description => description.Name() == name && InNamespace(description, ns));

    /// <summary>A file often leaves its namespace to the command line.</summary>
    private static bool InNamespace(IPodDescription description, string ns) => (description.Namespace() ?? ns) == ns;
}
