using GpuMem.Evaluation.Cases;
using GpuMem.Planning;

namespace GpuMem.Evaluation;

/// <summary>A case's score and the verdict that planning gives on the GPU it ran on.</summary>
public sealed class ScoredCase(CaseScore score)
{
    public CaseScore Score { get; } = score;

    public MeasuredCase Case => Score.Case;

    /// <summary>Null when the memory of the GPU is not known or the value is a component.</summary>
    public Verdict? Verdict { get; } = VerdictOf(score);

    /// <summary>The job ran on this GPU: it is said to fit, or a value was measured on it.</summary>
    public bool DidFit => Verdict is not null && Case.Measured.Metric != CaseMetric.DoesNotFit;

    public bool DidNotFit => Case.Measured.Metric == CaseMetric.DoesNotFit;

    /// <summary>A whole job with a value in a metric that says what it counts.</summary>
    public bool IsExact => !Score.IsComponent && Case.Measured.Metric is CaseMetric.Allocated or CaseMetric.Active or CaseMetric.Reserved or CaseMetric.Process;

    public string GroupBy(string field) => field switch
    {
        "framework" => Case.Framework.ToString(),
        "mode" => Case.Mode.ToString(),
        _ => Case.Measured.Metric.ToString(),
    };

    private static Verdict? VerdictOf(CaseScore score) => score is { IsComponent: false, Estimate: { } estimate, Case.Gpu.MemoryGiB: { } memory }
        ? VerdictRule.Decide(estimate, Bytes.FromGiB((decimal)memory), headroomPercent: 0)
        : null;
}
