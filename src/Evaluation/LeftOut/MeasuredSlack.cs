using GpuMem.Estimation.Calibration;
using GpuMem.Evaluation.Cases;

namespace GpuMem.Evaluation.LeftOut;

/// <summary>
/// What one run says about the allocator's slack. The slack p enters an estimate as (1 + p) · allocated + rest, so the run is met by
/// (measured − rest) / allocated − 1, which is p + (measured − estimate) / allocated.
/// </summary>
/// <param name="Use">The line of the allocator table that the run belongs to.</param>
/// <param name="Publisher">Who published the run.</param>
/// <param name="Expected">The slack with which the expected size is what was measured, as a share.</param>
/// <param name="Upper">The slack with which the upper bound is what was measured, as a share.</param>
public readonly record struct MeasuredSlack(AllocatorUse Use, string Publisher, double Expected, double Upper)
{
    /// <summary>The slack that a scored case tells.</summary>
    /// <returns>Null unless it is a whole job whose reserved or process memory was measured and whose estimate has such a slack.</returns>
    public static MeasuredSlack? Of(ScoredCase item)
    {
        if (!HasSlack(item) || item is not { Score: { Estimate: { } estimate, Own: { } own }, Case.Measured.Gib: { } measured })
            return null;
        var (use, table) = (estimate.AllocatorUse!.Value, AllocatorSlack.Of(estimate.AllocatorUse.Value));
        return new MeasuredSlack(
            use,
            LeftOut.Publisher.Of(item.Case.Source),
            (table.Expected / 100.0) + ((measured - own.Expected.GiB) / estimate.Allocated.GiB),
            (table.Upper / 100.0) + ((measured - own.Upper.GiB) / estimate.AllocatedUpperBound.GiB));
    }

    /// <summary>Whether the allocator's slack is part of what the case measured.</summary>
    public static bool HasSlack(ScoredCase item) =>
        item is { IsExact: true, Score.Estimate.AllocatorUse: not null, Case.Measured.Metric: CaseMetric.Reserved or CaseMetric.Process };
}
