namespace GpuMem.Evaluation.LeftOut;

/// <summary>Statistics of some whole jobs, with the published table and with those from which their publishers were left out.</summary>
public sealed class LeftOutGroup(string name, IReadOnlyCollection<LeftOutCase> cases)
{
    /// <summary>The name of the program, or of all programs together.</summary>
    public string Name { get; } = name;

    /// <summary>How many runs there are.</summary>
    public int Cases { get; } = cases.Count;

    /// <summary>How many publishers these runs come from.</summary>
    public int Sources { get; } = cases.DistinctBy(item => item.Publisher).Count();

    /// <summary>Scores with the published table.</summary>
    public CaseGroup InSample { get; } = new(name, cases.Select(item => item.InSample));

    /// <summary>Scores with the tables from which each publisher was left out.</summary>
    public CaseGroup LeftOut { get; } = new(name, cases.Select(item => item.LeftOut));
}
