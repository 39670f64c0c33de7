using System.Text;
using System.Text.Json.Nodes;
using GpuMem.Api.Cluster;
using GpuMem.Api.Decisions;
using GpuMem.Api.TrainingJobs;
using GpuMem.Operator.Inventory;
using GpuMem.Operator.Targets;
using GpuMem.Planning;
using Microsoft.Extensions.Logging;

namespace GpuMem.Operator.TrainingJobs;

/// <summary>
/// Estimates, plans, launches and reports. Every step can be repeated: names are deterministic, children are applied, the status is a function
/// of what is there. So it may be killed between any two lines and started again.
/// </summary>
internal sealed partial class TrainingJobController(
    IKubernetesClient client,
    ClusterView cluster,
    Allocations allocations,
    IEntityStore<ChildJob> children,
    IEventRecorder events,
    ServerFeatures features,
    TimeProvider timeProvider,
    ILogger<TrainingJobController> logger) : IEntityController<TrainingJob>
{
    /// <summary>What is not watched, a ConfigMap or what the API server refused a launch for, is looked at again.</summary>
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMinutes(1);

    private readonly StatusReports<TrainingJob, TrainingJobSpec, TrainingJobStatus> _reports = new(client);

    public async Task<ReconciliationResult<TrainingJob>> ReconcileAsync(TrainingJob entity, CancellationToken cancellationToken)
    {
        if (entity.DeletionTimestamp() is not null)
            return ReconciliationResult<TrainingJob>.Success(entity);
        entity = _reports.Latest(entity);
        var child = KnownChild(entity);
        // What has completed is not trained again because its Job was cleaned up.
        if (child is null && entity.Status is { Phase: TrainingJobPhase.Complete } done && done.ObservedGeneration == entity.Generation())
            return ReconciliationResult<TrainingJob>.Success(entity);
        // The cache may not have seen yet what we launched a moment ago.
        if (child is null && entity.Status?.Launched is not null)
            child = await AskForChildAsync(entity, cancellationToken);
        if (child?.IsOwnedBy(entity) == true)
            await SuspendAsync(entity, child, cancellationToken);
        if (child is not null && TrainingJobStatusBuilder.BuildLaunched(entity, child, timeProvider.GetUtcNow()) is { } launched)
        {
            await _reports.WriteAsync(entity, launched, cancellationToken);
            return ReconciliationResult<TrainingJob>.Success(entity);
        }

        await cluster.ConfigMapModels.RefreshAsync(entity, cancellationToken);
        var inventory = child is null && IsToLaunch(entity) ? allocations.Told(cluster.Inventory) : cluster.Inventory;
        var decision = JobDecision.Of(entity, inventory, cluster.ConfigMaps) with { UsualMode = cluster.ModeOf(entity.Namespace()!) };
        LaunchProblem? problem = null;
        if (child is null && MayLaunch(decision))
            (child, problem) = await FindOrLaunchAsync(entity, decision, cancellationToken);
        var target = await Target.OfAsync(entity, entity.Status?.Conditions, client, cancellationToken);
        var status = TrainingJobStatusBuilder.Build(decision, child, problem, target, timeProvider.GetUtcNow());
        if (await _reports.WriteAsync(entity, status, cancellationToken))
        {
            Tell(entity, decision, status);
            if (problem is { Cause: null })
                events.Publish(entity, EventType.Warning, problem.Reason, "Launch", problem.Message);
        }
        if (problem?.Cause is { } cause)
            return ReconciliationResult<TrainingJob>.Failure(entity, problem.Message, cause);
        return ReconciliationResult<TrainingJob>.Success(entity, problem is null && target?.IsFound != false && entity.Spec.Model?.ConfigMapKeyRef is null ? null : LookAgainAfter);
    }

    /// <summary>Nothing to do: the owner reference has the children collected.</summary>
    public Task<ReconciliationResult<TrainingJob>> DeletedAsync(TrainingJob entity, CancellationToken cancellationToken) =>
        Task.FromResult(ReconciliationResult<TrainingJob>.Success(entity));

    /// <summary>The cache has caught up with our own write.</summary>
    public void CatchUp(StoreEvent<TrainingJob> change) => _reports.CatchUp(change);

    private static bool IsToLaunch(TrainingJob job) => job.Spec is { Template: not null, Suspend: not true };

    private static bool MayLaunch(JobDecision decision) =>
        IsToLaunch(decision.Job) && decision.Plan.Verdict != Verdict.Invalid && decision.Placement is not null;

    private ChildJob? KnownChild(TrainingJob job)
    {
        var known = children.Get(NamespacedName.Of(job));
        // A job that launches nothing needs no name: a namesake may well be the workload that it describes.
        return job.Spec.Template is not null || known?.IsOwnedBy(job) == true ? known : null;
    }

    private async Task<ChildJob?> AskForChildAsync(TrainingJob job, CancellationToken cancellationToken) =>
        await client.GetAsync<V1Job>(job.Name()!, job.Namespace(), cancellationToken) is { } stored ? ChildJob.Read(stored) : null;

    /// <summary>The cache may not have seen yet what a predecessor created a moment before it was killed: so, before launching, the server is asked.</summary>
    private async Task<(ChildJob? Child, LaunchProblem? Problem)> FindOrLaunchAsync(TrainingJob job, JobDecision decision, CancellationToken cancellationToken)
    {
        if (await AskForChildAsync(job, cancellationToken) is { } launched)
            return (launched, null);
        // Applied by force, a namesake would become ours and be collected with us.
        if (await client.GetAsync<V1Service>(job.Name()!, job.Namespace(), cancellationToken) is { } service && !service.HasOwner(job))
            return (null, LaunchProblem.NameTaken("Service", job.Name()));
        try
        {
            return (await ApplyChildAsync(job, decision, cancellationToken), null);
        }
        catch (KubernetesException refused) when (refused.IsForItsAuthor())
        {
            return (null, LaunchProblem.Refused(refused));
        }
        catch (KubernetesException failed)
        {
            // The author learns meanwhile what the job needs, and why it does not start.
            return (null, LaunchProblem.Failed(failed));
        }
    }

    private async Task<ChildJob?> ApplyChildAsync(TrainingJob job, JobDecision decision, CancellationToken cancellationToken)
    {
        var plan = StatusText.Plan(decision)!;
        await client.ApplyAsync(ChildWorkload.ServiceType, ChildWorkload.Service(job), FieldManagers.Launcher, force: true, cancellationToken);
        if (DeviceClaimTemplate.Of(decision) is { } claims)
            await client.ApplyAsync(DeviceClaimTemplate.Type, claims, FieldManagers.Launcher, force: true, cancellationToken);
        var applied = await client.ApplyAsync(ChildWorkload.JobType, ChildWorkload.Job(job, decision, plan, features), FieldManagers.Launcher, force: true, cancellationToken);
        LogLaunched(NamespacedName.Of(job), plan.Layout, plan.Pool);
        events.Publish(job, EventType.Normal, "Launched", "Launch", $"Job created: {plan.Layout} GPUs of pool {plan.Pool}{Waiting(decision.Placement!)}{(plan.Rewritten is { } rewritten ? $", {rewritten}" : "")}");
        return ChildJob.Read(KubernetesJson.Default.Deserialize<V1Job>(Encoding.UTF8.GetBytes(applied.ToJsonString()))!);
    }

    private static string Waiting(ICandidate placement) => placement is { Pool.FreeGpus: { } free, Waits: true } ? $", which has {free} of them free now: it waits for the rest" : "";

    private async Task SuspendAsync(TrainingJob job, ChildJob child, CancellationToken cancellationToken)
    {
        var wanted = job.Spec.Suspend == true;
        // What somebody else holds back, Kueue until there is quota, is theirs to let go.
        if (child.IsSuspended == wanted || child.IsSuspended && !child.IsSuspendedByOwner)
            return;
        var change = new JsonObject
        {
            ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [ChildWorkload.SuspendedAnnotation] = wanted ? "true" : null } },
            ["spec"] = new JsonObject { ["suspend"] = wanted },
        };
        var patch = new V1Patch(change.ToJsonString(), V1Patch.PatchType.MergePatch);
        await client.PatchAsync<V1Job>(job.Name()!, job.Namespace(), patch, FieldManagers.Controller, cancellationToken);
    }

    /// <summary>Events only for what is new, so that a restart repeats none.</summary>
    private void Tell(TrainingJob job, JobDecision decision, TrainingJobStatus status)
    {
        if (job.Status.Verdict == status.Verdict && job.Status.ObservedGeneration == status.ObservedGeneration && job.Status.Plan?.Pool == status.Plan?.Pool)
            return;
        events.PublishVerdict(decision);
    }

    [LoggerMessage(1, LogLevel.Information, "Launched {Job}: {Layout} GPUs of pool {Pool}")]
    private partial void LogLaunched(NamespacedName job, string? layout, string? pool);
}
