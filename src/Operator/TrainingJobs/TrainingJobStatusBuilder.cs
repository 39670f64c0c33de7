using GpuMem.Api.Decisions;
using GpuMem.Api.TrainingJobs;
using GpuMem.Operator.Targets;
using GpuMem.Planning;

namespace GpuMem.Operator.TrainingJobs;

/// <summary>The status of a TrainingJob: a function of what was decided and of the child, with no memory of its own.</summary>
internal static class TrainingJobStatusBuilder
{
    /// <summary>
    /// A launched job stays what it was launched as: pools that come or go later do not change what its status says of it, so nothing needs
    /// to be decided. Null when the status does not tell of this child and this spec yet.
    /// </summary>
    public static TrainingJobStatus? BuildLaunched(TrainingJob job, ChildJob child, DateTimeOffset now)
    {
        if (!child.IsOwnedBy(job) || child.Plan is null || job.Status is not { Launched: not null, Estimate: not null } before
            || before.ObservedGeneration != job.Generation() || (before.Plan?.Pool, before.Plan?.Layout) != (child.Plan.Pool, child.Plan.Layout))
            return null;
        var status = new TrainingJobStatus
        {
            ObservedGeneration = before.ObservedGeneration,
            Verdict = before.Verdict,
            Message = before.Message,
            Model = before.Model,
            Estimate = before.Estimate,
            Candidates = before.Candidates,
            Suggestions = before.Suggestions,
        };
        var conditions = new Conditions(before.Conditions, job.Generation(), now);
        conditions.Keep("Estimated", "CapacityKnown", "Fits");
        SetChild(status, job, child, conditions);
        return status;
    }

    public static TrainingJobStatus Build(JobDecision decision, ChildJob? child, LaunchProblem? problem, Target? target, DateTimeOffset now)
    {
        var job = decision.Job;
        var status = new TrainingJobStatus { ObservedGeneration = job.Generation() };
        var conditions = new Conditions(job.Status?.Conditions, job.Generation(), now);
        Describe(status, decision);
        conditions.SetVerdict(decision);
        if (target is not null)
            conditions.Set(Target.ConditionType, target.IsFound, target.IsFound ? "Found" : "NoSuchWorkload", target.Message);
        if (child?.IsOwnedBy(job) == true)
            SetChild(status, job, child, conditions);
        else
            status.Phase = NotLaunched(decision, child is null ? problem : LaunchProblem.NameTaken("Job", job.Name()), conditions);
        status.Conditions = conditions.List;
        return status;
    }

    private static void SetChild(TrainingJobStatus status, TrainingJob job, ChildJob child, Conditions conditions)
    {
        conditions.SetChild(job.Name()!, child);
        status.Plan = child.Plan ?? status.Plan;
        status.Launched = new LaunchedStatus { ApiVersion = ChildWorkload.JobType.ApiVersion, Kind = ChildWorkload.JobType.Kind, Name = job.Name() };
        status.Phase = child.Phase;
        status.Conditions = conditions.List;
    }

    private static void Describe(TrainingJobStatus status, JobDecision decision)
    {
        status.Verdict = decision.Plan.Verdict;
        status.Message = decision.Text;
        status.Estimate = StatusText.Estimate(decision.Plan.Estimate);
        status.Candidates = StatusText.Candidates(decision.Plan);
        status.Suggestions = StatusText.Suggestions(decision.Plan);
        status.Plan = StatusText.Plan(decision);
        status.Model = new ModelStatus
        {
            Name = decision.Plan.Best?.Job.Model.Name ?? decision.Job.Spec.Model?.Name,
            Parameters = decision.Plan.Estimate?.Parameters,
        };
    }

    private static TrainingJobPhase NotLaunched(JobDecision decision, LaunchProblem? problem, Conditions conditions)
    {
        var spec = decision.Job.Spec;
        if (decision.Plan.Verdict == Verdict.Invalid || decision.Denies)
        {
            conditions.Set("Stalled", true, decision.Plan.Verdict.ToString(), decision.Text);
            return TrainingJobPhase.Rejected;
        }
        if (problem is not null)
        {
            conditions.Set("Launched", false, problem.Reason, problem.Message);
            if (problem.Cause is null)
                conditions.Set("Stalled", true, problem.Reason, problem.Message);
            return TrainingJobPhase.Pending;
        }
        if (spec.Template is null)
            return TrainingJobPhase.Admitted;
        if (spec.Suspend == true)
            return TrainingJobPhase.Suspended;
        conditions.Set("Launched", false, "NoPool", "there is no GPU pool to launch on yet");
        return TrainingJobPhase.Pending;
    }
}
