using GpuMem.Api.Nodes;
using GpuMem.Api.TrainingJobs;

namespace GpuMem.Api.Cluster;

/// <summary>What decisions are made from: the pools and TrainingJobs there are, from memory. Asking never calls the API server.</summary>
public interface IClusterState
{
    PoolInventory Inventory { get; }

    IConfigMapModels ConfigMaps { get; }

    TrainingJob? FindJob(string ns, string name);

    /// <summary>TrainingJobs of a namespace that describe somebody else's workload.</summary>
    IEnumerable<TrainingJob> JobsWithTarget(string ns);

    /// <summary>Of these at least those that describe the object <paramref name="target"/> names.</summary>
    IEnumerable<TrainingJob> JobsWithTarget(string ns, V1OwnerReference target) => JobsWithTarget(ns);
}

/// <summary>A cluster that does not change: files on a laptop, or a test.</summary>
public sealed class FixedCluster(PoolInventory inventory, IReadOnlyList<TrainingJob> jobs) : IClusterState
{
    public PoolInventory Inventory { get; } = inventory;

    public IConfigMapModels ConfigMaps => NoConfigMaps.Instance;

    public TrainingJob? FindJob(string ns, string name) => jobs.FirstOrDefault(job => job.Name() == name && InNamespace(job, ns));

    public IEnumerable<TrainingJob> JobsWithTarget(string ns) => jobs.Where(job => job.Spec?.TargetRef is not null && InNamespace(job, ns));

    /// <summary>A file often leaves its namespace to the command line.</summary>
    private static bool InNamespace(TrainingJob job, string ns) => (job.Namespace() ?? ns) == ns;
}
