using GpuMem.Api.Decisions;
using GpuMem.Api.ModelServers;
using GpuMem.Api.TrainingJobs;
using GpuMem.Operator.Targets;
using GpuMem.Planning;

namespace GpuMem.Operator.ModelServers;

/// <summary>The status of a ModelServer: a function of what was decided and of the child, with no memory of its own.</summary>
internal static class ModelServerStatusBuilder
{
    /// <summary>
    /// A launched server stays what it was launched as: pools that come or go later do not change what its status says of it. Null when the status
    /// does not tell of this child and this spec yet.
    /// </summary>
    public static ModelServerStatus? BuildLaunched(ModelServer server, ChildServer child, DateTimeOffset now)
    {
        if (!child.IsOwnedBy(server) || child.Plan is null || child.Generation != server.Generation()
            || server.Status is not { Launched: not null, Estimate: not null } before || before.ObservedGeneration != server.Generation() || before.Plan?.Pool != child.Plan.Pool)
            return null;
        var status = new ModelServerStatus
        {
            ObservedGeneration = before.ObservedGeneration,
            Verdict = before.Verdict,
            Message = before.Message,
            Model = before.Model,
            Estimate = before.Estimate,
            Holds = before.Holds,
            Candidates = before.Candidates,
            Suggestions = before.Suggestions,
        };
        var conditions = new Conditions(before.Conditions, server.Generation(), now);
        conditions.Keep("Estimated", "CapacityKnown", "Fits");
        SetChild(status, server, child, conditions);
        status.Plan = child.Plan;
        status.Phase = PhaseOf(child);
        status.Conditions = conditions.List;
        return status;
    }

    public static ModelServerStatus Build(ServerDecision decision, ChildServer? child, LaunchProblem? problem, Target? target, DateTimeOffset now)
    {
        var server = decision.Server;
        var status = new ModelServerStatus
        {
            ObservedGeneration = server.Generation(),
            Verdict = decision.Verdict,
            Message = decision.Text,
            Model = new ModelStatus { Name = decision.Plan.Estimate?.Model.Name ?? server.Spec.Model?.Name, Parameters = decision.Estimate?.Parameters },
            Estimate = StatusText.Estimate(decision.Estimate),
            Holds = ServerStatusText.Holds(decision.Plan),
            Plan = StatusText.Plan(decision),
            Candidates = ServerStatusText.Candidates(decision.Plan),
            Suggestions = ServerStatusText.Suggestions(decision.Plan),
        };
        var conditions = new Conditions(server.Status?.Conditions, server.Generation(), now);
        conditions.SetVerdict(decision);
        if (target is not null)
            conditions.Set(Target.ConditionType, target.IsFound, target.IsFound ? "Found" : "NoSuchWorkload", target.Message);
        var isOurs = child?.IsOwnedBy(server) == true;
        if (isOurs)
            SetChild(status, server, child!, conditions);
        if (isOurs && child!.Generation == server.Generation())
            (status.Plan, status.Phase) = (child.Plan ?? status.Plan, PhaseOf(child));
        else
            status.Phase = NotLaunched(decision, child is null || isOurs ? problem : LaunchProblem.NameTaken(child.Type.Kind, server.Name(), "ModelServer"), isOurs, conditions);
        status.Conditions = conditions.List;
        return status;
    }

    private static ModelServerPhase PhaseOf(ChildServer child) => child.Available > 0 ? ModelServerPhase.Running : ModelServerPhase.Launched;

    private static void SetChild(ModelServerStatus status, ModelServer server, ChildServer child, Conditions conditions)
    {
        conditions.Set("Launched", true, "Launched", $"{child.Type.Kind} '{server.Name()}' was created");
        if (child.Availability is { } availability)
            conditions.Set("Available", availability.Status switch { "True" => true, "False" => false, _ => null }, availability.Reason ?? "Available", availability.Message ?? "");
        status.Launched = new LaunchedStatus { ApiVersion = child.Type.ApiVersion, Kind = child.Type.Kind, Name = server.Name() };
    }

    private static ModelServerPhase NotLaunched(ServerDecision decision, LaunchProblem? problem, bool hasPredecessor, Conditions conditions)
    {
        if (decision.Verdict == Verdict.Invalid || decision.Denies)
        {
            conditions.Set("Stalled", true, decision.Verdict.ToString(), decision.Text);
            return ModelServerPhase.Rejected;
        }
        if (problem is not null)
        {
            if (!hasPredecessor)
                conditions.Set("Launched", false, problem.Reason, problem.Message);
            if (problem.Cause is null)
                conditions.Set("Stalled", true, problem.Reason, problem.Message);
            return ModelServerPhase.Pending;
        }
        if (decision.Server.Spec.Template is null)
            return ModelServerPhase.Admitted;
        if (!hasPredecessor)
            conditions.Set("Launched", false, "NoPool", "there is no GPU pool to launch on yet");
        return ModelServerPhase.Pending;
    }
}
