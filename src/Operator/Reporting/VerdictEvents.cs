using GpuMem.Api.Decisions;
using GpuMem.Planning;

namespace GpuMem.Operator.Reporting;

/// <summary>The event that a verdict is told by.</summary>
internal static class VerdictEvents
{
    public static void PublishVerdict(this IEventRecorder events, WorkloadDecision decision)
    {
        var (type, reason) = decision.Verdict switch
        {
            Verdict.Fits => (EventType.Normal, "MemoryFits"),
            Verdict.AtRisk => (EventType.Warning, "MemoryAtRisk"),
            Verdict.Unknown => (EventType.Warning, "CapacityUnknown"),
            Verdict.DoesNotFit or Verdict.Impossible => (EventType.Warning, "MemoryExceeded"),
            _ => (EventType.Warning, "InvalidSpec"),
        };
        events.Publish(decision.Description, type, reason, "Estimate", decision.Verdict == Verdict.Fits ? decision.Line : decision.Text);
    }
}
