using GpuMem.Api.Cluster;
using GpuMem.Api.Decisions;
using GpuMem.Api.TrainingJobs;

namespace GpuMem.Webhook.Endpoints;

/// <summary>Answers reviews of TrainingJobs.</summary>
public sealed class TrainingJobHandler(IClusterState cluster, ITemplateAuthorization authorization) : DescriptionHandler<TrainingJob>(cluster, authorization)
{
    protected override string? NameProblem(string? name) => TrainingJobName.Problem(name);

    protected override WorkloadDecision Decide(TrainingJob described) => JobDecision.Of(described, Cluster.Inventory, Cluster.ConfigMaps) with { UsualMode = Cluster.ModeOf(described.Namespace() ?? "default") };
}
