using GpuMem.Api.Decisions;
using GpuMem.Api.TrainingJobs;
using GpuMem.Planning;

namespace GpuMem.Operator.TrainingJobs;

/// <summary>The status of a TrainingJob: a function of the decision and the child, with no memory of its own.</summary>
internal static class TrainingJobStatusBuilder
{
    public static TrainingJobStatus Build(JobDecision decision, ChildJob? child, LaunchProblem? problem, DateTimeOffset now)
    {
        var job = decision.Job;
        var before = job.Status ?? new TrainingJobStatus();
        var ours = child is not null && child.IsOwnedBy(job);
        var conditions = new Conditions(before.Conditions, job.Generation(), now);
        var launchedPlan = ours ? child!.Plan : null;
        var status = new TrainingJobStatus { ObservedGeneration = job.Generation() };

        // A launched job stays what it was launched as: pools that come or go later do not change what its status says of it.
        var keeps = launchedPlan is not null && before is { Launched: not null, Estimate: not null } && before.ObservedGeneration == job.Generation()
            && (before.Plan?.Pool, before.Plan?.Layout) == (launchedPlan.Pool, launchedPlan.Layout);
        if (keeps)
            (status.Verdict, status.Message, status.Model, status.Estimate, status.Candidates, status.Suggestions) =
                (before.Verdict, before.Message, before.Model, before.Estimate, before.Candidates, before.Suggestions);
        else
            Describe(status, decision);
        status.Plan = launchedPlan ?? StatusText.Plan(decision);

        if (keeps)
            conditions.Keep("Estimated", "CapacityKnown", "Fits");
        else
            conditions.SetVerdict(decision);
        if (ours)
        {
            conditions.SetChild(job.Name()!, child!);
            status.Launched = new LaunchedStatus { ApiVersion = ChildWorkload.JobType.ApiVersion, Kind = ChildWorkload.JobType.Kind, Name = job.Name() };
            status.Phase = child!.Phase;
        }
        else
        {
            status.Phase = NotLaunched(decision, child is null ? problem : LaunchProblem.NameTaken("Job", job.Name()), conditions);
        }
        status.Conditions = conditions.List;
        return status;
    }

    private static void Describe(TrainingJobStatus status, JobDecision decision)
    {
        status.Verdict = decision.Plan.Verdict;
        status.Message = decision.Text;
        status.Estimate = StatusText.Estimate(decision.Plan);
        status.Candidates = StatusText.Candidates(decision.Plan);
        status.Suggestions = StatusText.Suggestions(decision.Plan);
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
