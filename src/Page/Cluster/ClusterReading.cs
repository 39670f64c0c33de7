using GpuMem.Api.ModelServers;
using GpuMem.Api.Nodes;
using GpuMem.Api.TrainingJobs;

namespace GpuMem.Page.Cluster;

/// <summary>How far a cluster can be seen.</summary>
internal enum ClusterState
{
    /// <summary>None was named.</summary>
    NotGiven,

    /// <summary>Its API server does not answer.</summary>
    Unreachable,

    /// <summary>The user may not see its nodes.</summary>
    Forbidden,

    /// <summary>Its nodes are read; jobs and servers may still be missing.</summary>
    Read,
}

/// <summary>What was read of a cluster, with the user's own rights.</summary>
/// <param name="State">How far it can be seen.</param>
/// <param name="Message">The same in words, with what to do.</param>
internal sealed record ClusterReading(ClusterState State, string Message)
{
    public static readonly ClusterReading NotGiven = new(ClusterState.NotGiven, "No cluster is shown: start gpumem ui with --context NAME to see the pools and jobs of yours.");

    /// <summary>Null where nodes are not seen.</summary>
    public PoolInventory? Pools { get; init; }

    public FreeGpus Free { get; init; } = new(null);

    /// <summary>What somebody should correct in the pools that were declared.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];

    public IReadOnlyList<TrainingJob> Jobs { get; init; } = [];

    public IReadOnlyList<ModelServer> Servers { get; init; } = [];
}
