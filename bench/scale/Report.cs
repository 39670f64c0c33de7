namespace GpuMem.Bench.Scale;

/// <summary>One figure and its bound. An upper bound that is met or a lower bound that is met passes.</summary>
internal sealed record Check(string Id, string What, string Unit, double Expected, double Observed, bool AtMost)
{
    public bool Pass => AtMost ? Observed <= Expected : Observed >= Expected;
}

internal sealed class Report
{
    private readonly List<Check> _checks = [];

    public IReadOnlyList<Check> Checks => _checks;

    public void AtMost(string id, string what, double expected, double observed, string unit, int digits = 1) => Add(new(id, what, unit, expected, Math.Round(observed, digits), AtMost: true));

    public void AtLeast(string id, string what, double expected, double observed, string unit) => Add(new(id, what, unit, expected, Math.Round(observed, 1), AtMost: false));

    private void Add(Check check)
    {
        _checks.Add(check);
        Console.WriteLine($"{check.Id} {check.What}, {(check.AtMost ? "≤" : "≥")} {check.Expected} {check.Unit}, {check.Observed} {check.Unit}, {(check.Pass ? "pass" : "FAIL")}");
    }
}
