namespace GpuMem.Estimation;

/// <summary>The terms of a training step: of the most loaded stage, in the phase in which it peaks.</summary>
internal sealed class TrainingTerms(JobSpec job, int stage, Phase phase, long unexplained) : TermList(unexplained)
{
    public override Explanation Explain(TermKind kind)
    {
        var rank = new RankContext(job, stage);
        return new RankMemory(rank).Explain(kind, phase);
    }

    protected override TermAmounts Amounts()
    {
        var rank = new RankContext(job, stage);
        _ = new RankMemory(rank).In(phase, out var terms);
        return terms;
    }
}
