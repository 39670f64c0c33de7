using GpuMem.Estimation.Calibration;

namespace GpuMem.Evaluation.LeftOut;

/// <summary>
/// How well runs are predicted whose publisher had no part in the allocator table: for each publisher the table is fitted anew to everybody
/// else's runs. Programs whose runs all come from one publisher are experimental: their code paths were read with these very runs in sight,
/// so that no fit can leave them out. They are told apart.
/// </summary>
public sealed class LeaveOneSourceOut
{
    /// <param name="scored">All scored cases; whole jobs with a value are used.</param>
    public LeaveOneSourceOut(IEnumerable<ScoredCase> scored)
    {
        List<ScoredCase> whole = [.. scored.Where(item => item is { IsExact: true, Score.Error: not null })];
        List<MeasuredSlack> runs = [.. whole.Select(MeasuredSlack.Of).OfType<MeasuredSlack>()];
        var publishers = whole.GroupBy(item => Publisher.Of(item.Case.Source));
        List<LeftOutCase> cases = [.. publishers.SelectMany(group => Without(group.Key, group, runs))];
        var programs = cases.GroupBy(ProgramOf).Select(group => new LeftOutGroup(group.Key, [.. group]));
        Programs = [.. programs.OrderBy(IsExperimental).ThenBy(program => program.Name, StringComparer.Ordinal)];
        var experimental = Programs.Where(IsExperimental).Select(program => program.Name).ToHashSet(StringComparer.Ordinal);
        var parts = cases.ToLookup(item => experimental.Contains(ProgramOf(item)));
        Established = new LeftOutGroup("programs of several sources", [.. parts[false]]);
        Experimental = new LeftOutGroup("experimental programs", [.. parts[true]]);
        Allocator = [.. Enum.GetValues<AllocatorUse>().Select(use => Evidence(use, [.. runs.Where(run => run.Use == use)]))];
    }

    /// <summary>The headline: all runs of programs that several publishers measured.</summary>
    public LeftOutGroup Established { get; }

    /// <summary>All runs of programs that one publisher alone measured.</summary>
    public LeftOutGroup Experimental { get; }

    /// <summary>Each program, experimental ones last.</summary>
    public IReadOnlyList<LeftOutGroup> Programs { get; }

    /// <summary>What stands behind each line of the allocator table.</summary>
    public IReadOnlyList<AllocatorEvidence> Allocator { get; }

    /// <summary>Whether one publisher alone measured the program.</summary>
    public static bool IsExperimental(LeftOutGroup program) => program.Sources < 2;

    private static string ProgramOf(LeftOutCase item) => item.InSample.Case.Trainer.ToString();

    private static IEnumerable<LeftOutCase> Without(string publisher, IEnumerable<ScoredCase> cases, List<MeasuredSlack> runs)
    {
        var others = new SlackFit([.. runs.Where(run => run.Publisher != publisher)]);
        return cases.Select(item => new LeftOutCase(item, others.Predict(item), publisher));
    }

    private static AllocatorEvidence Evidence(AllocatorUse use, IReadOnlyCollection<MeasuredSlack> runs) => new(
        use,
        runs.Count,
        runs.DistinctBy(run => run.Publisher).Count(),
        runs.Count == 0 ? null : ErrorStatistics.Quantile([.. runs.Select(run => run.Expected).Order()], 0.5));
}
