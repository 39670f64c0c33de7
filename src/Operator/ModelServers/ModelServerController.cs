using System.Text;
using GpuMem.Api.Cluster;
using GpuMem.Api.Decisions;
using GpuMem.Api.ModelServers;
using GpuMem.Operator.Targets;
using GpuMem.Planning;
using Microsoft.Extensions.Logging;

namespace GpuMem.Operator.ModelServers;

/// <summary>
/// Estimates, plans, launches and reports, as the controller of TrainingJobs does; but a server whose spec changes is launched anew, by a change of
/// its Deployment. What would not start does not replace what runs.
/// </summary>
internal sealed partial class ModelServerController(
    IKubernetesClient client,
    ClusterView cluster,
    IEntityStore<ChildDeployment> children,
    IEventRecorder events,
    TimeProvider timeProvider,
    ILogger<ModelServerController> logger) : IEntityController<ModelServer>
{
    /// <summary>What is not watched, a ConfigMap or what the API server refused a launch for, is looked at again.</summary>
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMinutes(1);

    private readonly StatusReports<ModelServer, ModelServerSpec, ModelServerStatus> _reports = new(client);

    public async Task<ReconciliationResult<ModelServer>> ReconcileAsync(ModelServer entity, CancellationToken cancellationToken)
    {
        if (entity.DeletionTimestamp() is not null)
            return ReconciliationResult<ModelServer>.Success(entity);
        entity = _reports.Latest(entity);
        var child = KnownChild(entity);
        // The cache may not have seen yet what we launched a moment ago.
        if (entity.Status?.Launched is not null && child?.Generation != entity.Generation())
            child = await AskForChildAsync(entity, cancellationToken);
        if (child is not null && ModelServerStatusBuilder.BuildLaunched(entity, child, timeProvider.GetUtcNow()) is { } launched)
        {
            await _reports.WriteAsync(entity, launched, cancellationToken);
            return ReconciliationResult<ModelServer>.Success(entity);
        }

        await cluster.ConfigMapModels.RefreshAsync(entity, cancellationToken);
        var decision = ServerDecision.Of(entity, cluster.Inventory, cluster.ConfigMaps) with { UsualMode = cluster.ModeOf(entity.Namespace()!) };
        LaunchProblem? problem = null;
        if (MayLaunch(decision) && child?.Generation != entity.Generation())
            (child, problem) = await LaunchAsync(entity, decision, cancellationToken);
        var target = await Target.OfAsync(entity, entity.Status?.Conditions, client, cancellationToken);
        var status = ModelServerStatusBuilder.Build(decision, child, problem, target, timeProvider.GetUtcNow());
        if (await _reports.WriteAsync(entity, status, cancellationToken))
        {
            Tell(entity, decision, status);
            if (problem is { Cause: null })
                events.Publish(entity, EventType.Warning, problem.Reason, "Launch", problem.Message);
        }
        if (problem?.Cause is { } cause)
            return ReconciliationResult<ModelServer>.Failure(entity, problem.Message, cause);
        return ReconciliationResult<ModelServer>.Success(entity, problem is null && target?.IsFound != false && entity.Spec.Model?.ConfigMapKeyRef is null ? null : LookAgainAfter);
    }

    /// <summary>Nothing to do: the owner reference has the child collected.</summary>
    public Task<ReconciliationResult<ModelServer>> DeletedAsync(ModelServer entity, CancellationToken cancellationToken) =>
        Task.FromResult(ReconciliationResult<ModelServer>.Success(entity));

    /// <summary>The cache has caught up with our own write.</summary>
    public void CatchUp(StoreEvent<ModelServer> change) => _reports.CatchUp(change);

    private static bool MayLaunch(ServerDecision decision) => decision is { Server.Spec.Template: not null, Placed: not null } && decision.Verdict != Verdict.Invalid;

    private ChildDeployment? KnownChild(ModelServer server)
    {
        var known = children.Get(NamespacedName.Of(server));
        // A server that launches nothing needs no name: a namesake may well be the workload that it describes.
        return server.Spec.Template is not null || known?.IsOwnedBy(server) == true ? known : null;
    }

    private async Task<ChildDeployment?> AskForChildAsync(ModelServer server, CancellationToken cancellationToken) =>
        await client.GetAsync<V1Deployment>(server.Name()!, server.Namespace(), cancellationToken) is { } stored ? ChildDeployment.Read(stored) : null;

    private async Task<(ChildDeployment? Child, LaunchProblem? Problem)> LaunchAsync(ModelServer server, ServerDecision decision, CancellationToken cancellationToken)
    {
        // Applied by force, a namesake would become ours and be collected with us: so, before launching, the server is asked.
        var present = await AskForChildAsync(server, cancellationToken);
        if (present is not null && (!present.IsOwnedBy(server) || present.Generation == server.Generation()))
            return (present, null);
        if (decision.Placed is { Nodes: > 1 } spread)
            return (present, LaunchProblem.SeveralPods(spread.Gpus, spread.Nodes));
        try
        {
            return (await ApplyChildAsync(server, decision, cancellationToken), null);
        }
        catch (KubernetesException refused) when (refused.IsForItsAuthor())
        {
            return (present, LaunchProblem.Refused(refused));
        }
        catch (KubernetesException failed)
        {
            // The author learns meanwhile what the server needs, and why it does not start.
            return (present, LaunchProblem.Failed(failed));
        }
    }

    private async Task<ChildDeployment?> ApplyChildAsync(ModelServer server, ServerDecision decision, CancellationToken cancellationToken)
    {
        var plan = StatusText.Plan(decision)!;
        var applied = await client.ApplyAsync(ServerWorkload.DeploymentType, ServerWorkload.Deployment(server, decision, plan), FieldManagers.Launcher, force: true, cancellationToken);
        LogLaunched(NamespacedName.Of(server), plan.Layout, plan.Pool);
        events.Publish(server, EventType.Normal, "Launched", "Launch", $"Deployment applied: {plan.Layout} GPUs of pool {plan.Pool} for each replica{(plan.Rewritten is { } rewritten ? $", {rewritten}" : "")}");
        return ChildDeployment.Read(KubernetesJson.Default.Deserialize<V1Deployment>(Encoding.UTF8.GetBytes(applied.ToJsonString()))!);
    }

    /// <summary>Events only for what is new, so that a restart repeats none.</summary>
    private void Tell(ModelServer server, ServerDecision decision, ModelServerStatus status)
    {
        if (server.Status.Verdict != status.Verdict || server.Status.ObservedGeneration != status.ObservedGeneration || server.Status.Plan?.Pool != status.Plan?.Pool)
            events.PublishVerdict(decision);
    }

    [LoggerMessage(1, LogLevel.Information, "Launched {Server}: {Layout} GPUs of pool {Pool} for each replica")]
    private partial void LogLaunched(NamespacedName server, string? layout, string? pool);
}
