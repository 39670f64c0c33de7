using GpuMem.Estimation;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning;

/// <summary>A job on a number of GPUs of a pool, held against their memory: what a search compares before it makes a <see cref="Candidate"/> of the best.</summary>
/// <param name="World">GPUs in all.</param>
/// <param name="Job">With its data parallel size.</param>
/// <param name="Estimate">Of one GPU.</param>
/// <param name="Verdict">On that pool.</param>
internal readonly record struct HeldJob(long World, JobSpec Job, Estimate Estimate, Verdict Verdict)
{
    /// <summary>See <see cref="Candidate.IsGuess"/>.</summary>
    public bool IsGuess(Pool pool) => VerdictRule.IsGuess(Verdict, Estimate, pool);

    /// <summary>A tenth of what a GPU has, by the expected size.</summary>
    public bool LeavesATenth(Pool pool) => VerdictRule.Available(Estimate, pool) is { } memory && Estimate.Expected.Value <= memory.Value / 10 * 9;

    /// <summary>It comes after <paramref name="best"/> of the same pool, whatever the objective.</summary>
    public bool IsFartherThan(Candidate best) => Verdict != best.Verdict
        ? Verdict > best.Verdict
        : Verdict.Rejects() && Estimate.Engine is null && best.GpusShort == 0 && Estimate.Expected > best.Estimate.Expected;
}
