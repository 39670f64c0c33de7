using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using GpuMem.Api.ModelServers;
using GpuMem.Api.TrainingJobs;

namespace GpuMem.Operator.ModelServers;

/// <summary>What is kept of the Deployment or LeaderWorkerSet that a ModelServer became. The pod template is most of it, and nobody reads it here.</summary>
internal sealed record ChildServer
{
    public required EntityMetadata Type { get; init; }

    /// <summary>UID of the object that controls it; null when nothing does.</summary>
    public string? OwnerUid { get; private init; }

    /// <summary>The plan it was launched with; null when somebody damaged it.</summary>
    public PlanStatus? Plan { get; private init; }

    /// <summary>Generation of the ModelServer that it was launched for; null when somebody damaged it.</summary>
    public long? Generation { get; private init; }

    /// <summary>Replicas that serve.</summary>
    public int Available { get; private init; }

    /// <summary>What it says of its being available; null before it says anything.</summary>
    public V1DeploymentCondition? Availability { get; private init; }

    public static ChildServer Read(V1Deployment deployment) => Read(deployment, ServerWorkload.DeploymentType, deployment.Status?.AvailableReplicas);

    /// <summary>
    /// The same of either kind as it is stored. What is read of a LeaderWorkerSet has the names that it has in a Deployment: a replica is ready when all
    /// pods of its group are (leaderworkerset_types.go, LeaderWorkerSetStatus).
    /// </summary>
    public static ChildServer Read(EntityMetadata type, JsonObject stored)
    {
        var told = new JsonObject { ["metadata"] = stored["metadata"]?.DeepClone(), ["status"] = stored["status"]?.DeepClone() };
        var read = KubernetesJson.Default.Deserialize<V1Deployment>(Encoding.UTF8.GetBytes(told.ToJsonString()))!;
        return Read(read, type, type == ServerWorkload.DeploymentType ? read.Status?.AvailableReplicas : read.Status?.ReadyReplicas);
    }

    public bool IsOwnedBy(ModelServer server) => OwnerUid is not null && OwnerUid == server.Uid();

    private static ChildServer Read(V1Deployment read, EntityMetadata type, int? available) => new()
    {
        Type = type,
        OwnerUid = read.OwnerReferences()?.FirstOrDefault(owner => owner.Controller == true)?.Uid,
        Plan = LaunchedPlan.Of(read),
        Generation = long.TryParse(read.GetAnnotation(ServerWorkload.GenerationAnnotation), NumberStyles.None, CultureInfo.InvariantCulture, out var generation) ? generation : null,
        Available = available ?? 0,
        Availability = read.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Available"),
    };
}
