using GpuMem.Api.Decisions;
using GpuMem.Api.TrainingJobs;
using GpuMem.Planning;

namespace GpuMem.Operator.TrainingJobs;

/// <summary>The conditions of a TrainingJob. A condition keeps its time while its status stays; Stalled is there only while it is true (kstatus).</summary>
internal sealed class Conditions(IList<Condition>? before, long? generation, DateTimeOffset now)
{
    private readonly List<Condition> _conditions = [];

    public IList<Condition> List => _conditions;

    public void Set(string type, bool? status, string reason, string message)
    {
        var text = status switch { true => "True", false => "False", null => "Unknown" };
        var old = before?.FirstOrDefault(condition => condition.Type == type);
        _conditions.Add(new Condition
        {
            Type = type,
            Status = text,
            Reason = reason,
            Message = message.Length <= 1024 ? message : message[..1023] + "…",
            ObservedGeneration = generation,
            LastTransitionTime = old?.Status == text && old.LastTransitionTime is { } since ? since : now,
        });
    }

    public void Keep(params string[] types) => _conditions.AddRange((before ?? []).Where(condition => types.Contains(condition.Type)));

    public void SetVerdict(JobDecision decision)
    {
        var plan = decision.Plan;
        if (plan.Estimate is null)
            Set("Estimated", false, "InvalidSpec", decision.Text);
        else
            Set("Estimated", true, "Estimated", $"{plan.Estimate.Expected} per GPU, {plan.Estimate.Confidence} confidence");
        if (plan.Verdict != Verdict.Invalid)
            Set("CapacityKnown", plan.Verdict != Verdict.Unknown, plan.Verdict == Verdict.Unknown ? "CapacityUnknown" : "CapacityKnown", decision.Line);
        Set("Fits", plan.Verdict switch { Verdict.Fits or Verdict.AtRisk => true, Verdict.DoesNotFit or Verdict.Impossible or Verdict.Invalid => false, _ => null }, plan.Verdict.ToString(), decision.Text);
    }

    public void SetChild(string name, ChildJob child)
    {
        Set("Launched", true, "Launched", $"Job '{name}' was created");
        if (child.End is { } end)
            Set(end.Type!, true, end.Reason is { Length: > 0 } reason ? reason : end.Type!, end.Message ?? "");
    }
}
