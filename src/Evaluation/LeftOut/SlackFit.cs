using GpuMem.Estimation.Calibration;

namespace GpuMem.Evaluation.LeftOut;

/// <summary>
/// The allocator's slack fitted to some runs: of each use where enough runs tell it; elsewhere of all uses that gather weights into buffers of many
/// sizes, if it is one, and of all uses together.
/// </summary>
public sealed class SlackFit(IReadOnlyList<MeasuredSlack> runs)
{
    /// <summary>Fewer runs than this do not tell the slack of a use.</summary>
    public const int LeastCases = 5;

    /// <summary>Runs of fewer publishers than this do not tell the slack of a use.</summary>
    public const int LeastSources = 2;

    /// <summary>The share of the runs that the fitted upper bound covers, about as many as the upper bounds of the table do.</summary>
    public const double Covered = 0.97;

    /// <summary>The runs that the slack was fitted to.</summary>
    public IReadOnlyList<MeasuredSlack> Runs { get; } = runs;

    /// <summary>The slack of one use as shares: the median, never below 0, and what covers most runs, never below the median.</summary>
    /// <returns>Null without any run.</returns>
    public (double Expected, double Upper)? Of(AllocatorUse use)
    {
        if (Runs.Count == 0)
            return null;
        var told = Enough([.. Runs.Where(run => run.Use == use)]) ?? (Gathers(use) ? Enough([.. Runs.Where(run => Gathers(run.Use))]) : null) ?? Runs;
        var expected = Math.Max(0, ErrorStatistics.Quantile([.. told.Select(run => run.Expected).Order()], 0.5));
        return (expected, Math.Max(expected, ErrorStatistics.Quantile([.. told.Select(run => run.Upper).Order()], Covered)));
    }

    private static IReadOnlyList<MeasuredSlack>? Enough(IReadOnlyList<MeasuredSlack> runs) =>
        runs.Count >= LeastCases && runs.DistinctBy(run => run.Publisher).Count() >= LeastSources ? runs : null;

    /// <summary>Flat parameters and DeepSpeed's buckets come in many sizes, and the allocator keeps sizes apart.</summary>
    private static bool Gathers(AllocatorUse use) => use is AllocatorUse.FlatParameters or AllocatorUse.FlatParametersWithAdapters or AllocatorUse.DeepSpeed;

    /// <summary>The case with the fitted slack in place of the table's, and as it is where no slack is part of what was measured.</summary>
    /// <returns>A case without a prediction where a slack is needed and there was no run to fit it to.</returns>
    public ScoredCase Predict(ScoredCase item)
    {
        if (!MeasuredSlack.HasSlack(item) || item.Score is not { Estimate: { } estimate, Own: { } own })
            return item;
        if (Of(estimate.AllocatorUse!.Value) is not { } fitted)
            return new ScoredCase(item.Score with { Own = null });
        var table = AllocatorSlack.Of(estimate.AllocatorUse.Value);
        var expected = Moved(own.Expected, fitted.Expected - (table.Expected / 100.0), estimate.Allocated);
        var upper = Moved(own.Upper, fitted.Upper - (table.Upper / 100.0), estimate.AllocatedUpperBound);
        return new ScoredCase(item.Score with { Own = own with { Expected = expected, Upper = Bytes.Max(expected, upper) } });
    }

    private static Bytes Moved(Bytes predicted, double slack, Bytes allocated) =>
        new(Math.Max(0, predicted.Value + (long)Math.Round(slack * allocated.Value)));
}
