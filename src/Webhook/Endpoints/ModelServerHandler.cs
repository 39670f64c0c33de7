using GpuMem.Api.Cluster;
using GpuMem.Api.Decisions;
using GpuMem.Api.ModelServers;

namespace GpuMem.Webhook.Endpoints;

/// <summary>Answers reviews of ModelServers.</summary>
public sealed class ModelServerHandler(IClusterState cluster, ITemplateAuthorization authorization) : DescriptionHandler<ModelServer>(cluster, authorization)
{
    protected override string? NameProblem(string? name) => ModelServerName.Problem(name);

    protected override WorkloadDecision Decide(ModelServer described) => ServerDecision.Of(described, Cluster.Inventory, Cluster.ConfigMaps) with { UsualMode = Cluster.ModeOf(described.Namespace() ?? "default") };
}
