using GpuMem.Evaluation.Cases;
using GpuMem.Planning;

namespace GpuMem.Evaluation;

/// <summary>All scored cases and the groups in which their errors are told.</summary>
/// <param name="scored">In the order of the file.</param>
/// <param name="groupBy"><c>framework</c>, <c>mode</c> or <c>metric</c>; null groups by none.</param>
public sealed class Scores(IReadOnlyList<ScoredCase> scored, string? groupBy)
{
    public IReadOnlyList<ScoredCase> All { get; } = scored;

    public IEnumerable<ScoredCase> Unsupported => All.Where(item => item.Score.Problem is not null);

    /// <summary>Whole jobs, then by the field asked for, then components, which are scored apart.</summary>
    public IEnumerable<CaseGroup> Groups()
    {
        var whole = All.Where(item => item.IsExact).ToList();
        yield return new CaseGroup("whole jobs", whole);
        yield return new CaseGroup("  high confidence", whole.Where(item => item.Case.Confidence == CaseConfidence.High));
        yield return new CaseGroup("  training", whole.Where(item => item.Score.IsTraining));
        yield return new CaseGroup("  metric not stated", All.Where(item => !item.Score.IsComponent && item.Case.Measured.Metric == CaseMetric.Unspecified));
        if (groupBy is not null)
        {
            foreach (var group in All.Where(item => !item.Score.IsComponent && item.Score.Error is not null).GroupBy(item => item.GroupBy(groupBy)).OrderBy(group => group.Key, StringComparer.Ordinal))
                yield return new CaseGroup(group.Key, group);
        }

        foreach (var group in All.Where(item => item.Score.IsComponent).GroupBy(item => item.Case.Measured.Component!.Value).OrderBy(group => group.Key))
            yield return new CaseGroup($"component {group.Key}", group);
    }

    public IEnumerable<ScoredCase> Worst(int count) =>
        All.Where(item => item.Score.Error is not null).OrderByDescending(item => Math.Abs(item.Score.Error!.Value)).Take(count);

    /// <summary>How many cases of a kind got each verdict.</summary>
    public IEnumerable<(string Kind, int Count, IReadOnlyDictionary<Verdict, int> Verdicts)> Confusion()
    {
        yield return Verdicts("said to fit", item => item.DidFit && item.Case.Measured.Gib is null);
        yield return Verdicts("ran, with a value", item => item.DidFit && item.Case.Measured.Gib is not null);
        yield return Verdicts("out of memory", item => item.DidNotFit);
    }

    private (string, int, IReadOnlyDictionary<Verdict, int>) Verdicts(string kind, Func<ScoredCase, bool> belongs)
    {
        var verdicts = All.Where(item => belongs(item) && item.Verdict is not null).Select(item => item.Verdict!.Value).ToList();
        return (kind, verdicts.Count, verdicts.CountBy(verdict => verdict).ToDictionary());
    }
}
