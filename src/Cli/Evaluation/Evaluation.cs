using GpuMem.Estimation.Evaluation;
using GpuMem.Planning;

namespace GpuMem.Cli.Evaluation;

/// <summary>All scored cases and the groups in which their errors are told.</summary>
internal sealed class Evaluation(IReadOnlyList<ScoredCase> scored, string? groupBy)
{
    public IReadOnlyList<ScoredCase> Scored { get; } = scored;

    public IEnumerable<ScoredCase> Unsupported => Scored.Where(item => item.Score.Problem is not null);

    /// <summary>Whole jobs, then by the field asked for, then components, which are scored apart.</summary>
    public IEnumerable<CaseGroup> Groups()
    {
        var whole = Scored.Where(item => item.IsExact).ToList();
        yield return new CaseGroup("whole jobs", whole);
        yield return new CaseGroup("  high confidence", whole.Where(item => item.Case.Confidence == Estimation.Evaluation.Cases.CaseConfidence.High));
        yield return new CaseGroup("  training", whole.Where(item => item.Score.IsTraining));
        yield return new CaseGroup("  metric not stated", Scored.Where(item => !item.Score.IsComponent && item.Case.Measured.Metric == Estimation.Evaluation.Cases.CaseMetric.Unspecified));
        if (groupBy is not null)
        {
            foreach (var group in Scored.Where(item => !item.Score.IsComponent && item.Score.Error is not null).GroupBy(item => item.GroupBy(groupBy)).OrderBy(group => group.Key, StringComparer.Ordinal))
                yield return new CaseGroup(group.Key, group);
        }

        foreach (var group in Scored.Where(item => item.Score.IsComponent).GroupBy(item => item.Case.Measured.Component!.Value).OrderBy(group => group.Key))
            yield return new CaseGroup($"component {group.Key}", group);
    }

    public IEnumerable<ScoredCase> Worst(int count) =>
        Scored.Where(item => item.Score.Error is not null).OrderByDescending(item => Math.Abs(item.Score.Error!.Value)).Take(count);

    /// <summary>How many cases of a kind got each verdict.</summary>
    public IEnumerable<(string Kind, int Count, IReadOnlyDictionary<Verdict, int> Verdicts)> Confusion()
    {
        yield return Verdicts("said to fit", item => item.DidFit && item.Case.Measured.Gib is null);
        yield return Verdicts("ran, with a value", item => item.DidFit && item.Case.Measured.Gib is not null);
        yield return Verdicts("out of memory", item => item.DidNotFit);
    }

    private (string, int, IReadOnlyDictionary<Verdict, int>) Verdicts(string kind, Func<ScoredCase, bool> belongs)
    {
        var verdicts = Scored.Where(item => belongs(item) && item.Verdict is not null).Select(item => item.Verdict!.Value).ToList();
        return (kind, verdicts.Count, verdicts.CountBy(verdict => verdict).ToDictionary());
    }
}

/// <summary>Statistics of some cases: of the engine, of its upper bound, and of the baselines.</summary>
internal sealed class CaseGroup
{
    public CaseGroup(string name, IEnumerable<ScoredCase> cases)
    {
        Name = name;
        var scores = cases.Select(item => item.Score).Where(score => score.Error is not null).ToList();
        Errors = ErrorStatistics.Of(scores.Select(score => score.Error!.Value));
        Covered = scores.Count == 0 ? null : scores.Average(score => score.Case.Measured.Gib <= score.Own!.Value.Upper.GiB ? 1.0 : 0);
        Sharpness = scores.Count == 0 ? null : scores.Average(score => score.Own!.Value.Upper.GiB / score.Own.Value.Expected.GiB);
        SixteenPerParameter = Of(scores, score => score.Baselines.SixteenPerParameter);
        DeepSpeed = Of(scores, score => score.Baselines.DeepSpeed);
        Megatron = Of(scores, score => score.Baselines.Megatron);
    }

    public string Name { get; }

    public ErrorStatistics? Errors { get; }

    /// <summary>Share of measured values at or below the upper bound.</summary>
    public double? Covered { get; }

    /// <summary>Mean of upper bound over expected.</summary>
    public double? Sharpness { get; }

    public ErrorStatistics? SixteenPerParameter { get; }

    public ErrorStatistics? DeepSpeed { get; }

    public ErrorStatistics? Megatron { get; }

    private static ErrorStatistics? Of(IEnumerable<CaseScore> scores, Func<CaseScore, double?> prediction) =>
        ErrorStatistics.Of(scores.Select(score => score.ErrorOf(prediction(score))).OfType<double>());
}
