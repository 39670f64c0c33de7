namespace GpuMem.Evaluation;

/// <summary>Statistics of some cases: of the engine, of its upper bound, and of the baselines.</summary>
public sealed class CaseGroup
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
