using System.Globalization;
using GpuMem.Api.ModelServers;
using GpuMem.Api.TrainingJobs;

namespace GpuMem.Operator.ModelServers;

/// <summary>What is kept of a Deployment that a ModelServer became. The pod template is most of it, and nobody reads it here.</summary>
internal sealed record ChildDeployment
{
    /// <summary>UID of the object that controls it; null when nothing does.</summary>
    public string? OwnerUid { get; private init; }

    /// <summary>The plan it was launched with; null when somebody damaged it.</summary>
    public PlanStatus? Plan { get; private init; }

    /// <summary>Generation of the ModelServer that it was launched for; null when somebody damaged it.</summary>
    public long? Generation { get; private init; }

    /// <summary>Replicas that serve.</summary>
    public int Available { get; private init; }

    /// <summary>What the Deployment says of its being available; null before it says anything.</summary>
    public V1DeploymentCondition? Availability { get; private init; }

    public static ChildDeployment Read(V1Deployment deployment) => new()
    {
        OwnerUid = deployment.OwnerReferences()?.FirstOrDefault(owner => owner.Controller == true)?.Uid,
        Plan = LaunchedPlan.Of(deployment),
        Generation = long.TryParse(deployment.GetAnnotation(ServerWorkload.GenerationAnnotation), NumberStyles.None, CultureInfo.InvariantCulture, out var generation) ? generation : null,
        Available = deployment.Status?.AvailableReplicas ?? 0,
        Availability = deployment.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Available"),
    };

    public bool IsOwnedBy(ModelServer server) => OwnerUid is not null && OwnerUid == server.Uid();
}
