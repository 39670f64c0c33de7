using GpuMem.Api.Cluster;
using GpuMem.Api.Decisions;
using GpuMem.Api.ModelServers;
using GpuMem.Operator.Targets;
using GpuMem.Planning;
using Microsoft.Extensions.Logging;

namespace GpuMem.Operator.ModelServers;

/// <summary>
/// Estimates, plans, launches and reports, as the controller of TrainingJobs does; but a server whose spec changes is launched anew, by a change of
/// its child. What would not start does not replace what runs.
/// </summary>
internal sealed partial class ModelServerController(
    IKubernetesClient client,
    ClusterView cluster,
    IEntityStore<ChildServer> children,
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
        var child = await ChildAsync(entity, cancellationToken);
        if (child is not null && ModelServerStatusBuilder.BuildLaunched(entity, child, timeProvider.GetUtcNow()) is { } launched)
        {
            await _reports.WriteAsync(entity, launched, cancellationToken);
            return ReconciliationResult<ModelServer>.Success(entity, LookAgain(child));
        }

        await cluster.ConfigMapModels.RefreshAsync(entity, cancellationToken);
        var decision = ServerDecision.Of(entity, cluster.Inventory, cluster.ConfigMaps) with { UsualMode = cluster.ModeOf(entity.Namespace()!) };
        LaunchProblem? problem = null;
        if (MayLaunch(decision) && child?.Generation != entity.Generation())
            (child, problem) = await LaunchAsync(entity, decision, child, cancellationToken);
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
        return ReconciliationResult<ModelServer>.Success(entity, problem is null && target?.IsFound != false && entity.Spec.Model?.ConfigMapKeyRef is null ? LookAgain(child) : LookAgainAfter);
    }

    /// <summary>Nothing to do: the owner reference has the child collected.</summary>
    public Task<ReconciliationResult<ModelServer>> DeletedAsync(ModelServer entity, CancellationToken cancellationToken) =>
        Task.FromResult(ReconciliationResult<ModelServer>.Success(entity));

    /// <summary>The cache has caught up with our own write.</summary>
    public void CatchUp(StoreEvent<ModelServer> change) => _reports.CatchUp(change);

    private static bool MayLaunch(ServerDecision decision) => decision is { Server.Spec.Template: not null, Placed: not null } && decision.Verdict != Verdict.Invalid;

    /// <summary>Deployments are watched. LeaderWorkerSets are not, for a cluster may not serve them.</summary>
    private static TimeSpan? LookAgain(ChildServer? child) => child is null || child.Type == ServerWorkload.DeploymentType ? null : LookAgainAfter;

    private async Task<ChildServer?> ChildAsync(ModelServer server, CancellationToken cancellationToken)
    {
        var known = KnownChild(server);
        return ServerWorkload.TypeOf(server.Status?.Launched) is not { } launched ? known
            // The cache may not have seen yet what we launched a moment ago.
            : launched == known?.Type && known.Generation == server.Generation() ? known
            : await AskForChildAsync(launched, server, cancellationToken);
    }

    private ChildServer? KnownChild(ModelServer server)
    {
        var known = children.Get(NamespacedName.Of(server));
        // A server that launches nothing needs no name: a namesake may well be the workload that it describes.
        return server.Spec.Template is not null || known?.IsOwnedBy(server) == true ? known : null;
    }

    private async Task<ChildServer?> AskForChildAsync(EntityMetadata type, ModelServer server, CancellationToken cancellationToken) =>
        await client.GetAsync(type, server.Name()!, server.Namespace(), cancellationToken) is { } stored ? ChildServer.Read(type, stored) : null;

    private async Task<(ChildServer? Child, LaunchProblem? Problem)> LaunchAsync(
        ModelServer server, ServerDecision decision, ChildServer? child, CancellationToken cancellationToken)
    {
        var placed = decision.Placed!;
        var type = ServerWorkload.TypeOf(placed);
        if (child?.IsOwnedBy(server) == true && child.Type != type)
            return (child, LaunchProblem.OtherKind(child.Type.Kind, server.Name(), type.Kind, placed.Gpus, placed.Nodes));
        // Applied by force, a namesake would become ours and be collected with us: so, before launching, the server is asked.
        var present = await AskForChildAsync(type, server, cancellationToken);
        if (present is not null && (!present.IsOwnedBy(server) || present.Generation == server.Generation()))
            return (present, null);
        if (placed.Nodes * placed.GpusPerNode != placed.Gpus && placed.Nodes > 1)
            return (present, LaunchProblem.Uneven(placed.Gpus, placed.GpusPerNode));
        try
        {
            return (await ApplyChildAsync(server, decision, cancellationToken), null);
        }
        catch (KubernetesException missing) when (missing.IsNotFound && type == ServerWorkload.SetType)
        {
            return (present, LaunchProblem.NotServed(placed.Gpus, placed.Nodes));
        }
        catch (KubernetesException refused) when (type == ServerWorkload.SetType && refused.IsForWantOfRights(type))
        {
            return (present, LaunchProblem.SetsAreForbidden(refused));
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

    private async Task<ChildServer?> ApplyChildAsync(ModelServer server, ServerDecision decision, CancellationToken cancellationToken)
    {
        var (type, plan) = (ServerWorkload.TypeOf(decision.Placed!), StatusText.Plan(decision)!);
        if (DeviceClaimTemplate.Of(decision) is { } claims)
            await client.ApplyAsync(DeviceClaimTemplate.Type, claims, FieldManagers.Launcher, force: true, cancellationToken);
        var applied = await client.ApplyAsync(type, ServerWorkload.Manifest(server, decision, plan), FieldManagers.Launcher, force: true, cancellationToken);
        LogLaunched(NamespacedName.Of(server), plan.Layout, plan.Pool);
        events.Publish(server, EventType.Normal, "Launched", "Launch", $"{type.Kind} applied: {plan.Layout} GPUs of pool {plan.Pool} for each replica{(plan.Rewritten is { } rewritten ? $", {rewritten}" : "")}");
        return ChildServer.Read(type, applied);
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
