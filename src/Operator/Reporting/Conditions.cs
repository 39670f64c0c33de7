using GpuMem.Api.Decisions;
using GpuMem.Planning;

namespace GpuMem.Operator.Reporting;

/// <summary>The conditions of a TrainingJob or ModelServer. A condition keeps its time while its status stays; Stalled is there only while it is true (kstatus).</summary>
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

    public void SetVerdict(WorkloadDecision decision)
    {
        if (decision.Estimate is not { } estimate)
            Set("Estimated", false, "InvalidSpec", decision.Text);
        else
            Set("Estimated", true, "Estimated", $"{estimate.Expected} per GPU, {estimate.Confidence} confidence");
        if (decision.Verdict != Verdict.Invalid)
            Set("CapacityKnown", decision.Verdict != Verdict.Unknown, decision.Verdict == Verdict.Unknown ? "CapacityUnknown" : "CapacityKnown", decision.Line);
        Set("Fits", decision.Verdict switch { Verdict.Fits or Verdict.AtRisk => true, Verdict.DoesNotFit or Verdict.Impossible or Verdict.Invalid => false, _ => null }, decision.Verdict.ToString(), decision.Text);
    }
}
