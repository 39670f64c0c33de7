using GpuMem.Estimation;

namespace GpuMem.Planning;

/// <summary>Does a job fit a GPU? Only <see cref="DoesNotFit"/> or <see cref="Impossible"/> on every reachable pool is a rejection.</summary>
public enum Verdict
{
    /// <summary>Even the upper bound fits, with the headroom asked for.</summary>
    Fits,

    /// <summary>What the job needs fits, the upper bound (or the headroom) does not: admitted with a warning.</summary>
    AtRisk,

    /// <summary>
    /// The memory of the GPUs, or how many of them there can be, is not known; or the model is of a family that is not known, and would not fit
    /// if it were built like Llama: admitted with a warning.
    /// </summary>
    Unknown,

    /// <summary>What the job needs is more than the GPU has, even when the allocator gives back all that is only cached.</summary>
    DoesNotFit,

    /// <summary>Even what is certain, weights and states alone, is more than the GPU has: rejected like <see cref="DoesNotFit"/>, and no setting that leaves them alone will help.</summary>
    Impossible,

    /// <summary>The job cannot be, whatever the GPUs; <see cref="Plan.Problems"/> says why.</summary>
    Invalid,
}

/// <summary>What follows from a verdict.</summary>
public static class VerdictExtensions
{
    /// <summary>The job would run out of memory: on every reachable pool, this is a rejection.</summary>
    public static bool Rejects(this Verdict verdict) => verdict is Verdict.DoesNotFit or Verdict.Impossible;
}

/// <summary>Holds an estimate against the memory of one GPU: the only place where a verdict is made.</summary>
public static class VerdictRule
{
    /// <summary>The verdict on a pool: on the smallest of its GPUs, but for a rejection, which every GPU must agree to.</summary>
    public static Verdict Decide(Estimate estimate, Pool pool, int headroomPercent)
    {
        if (pool.Unknown is not null)
            return Verdict.Unknown;
        // Of a GPU whose memory is not known it may be known what it has at the most.
        if (pool.UsableMemory is null && pool.LargestMemory is { } most)
            return Decide(estimate, most, headroomPercent) is var atMost && atMost.Rejects() ? atMost : Verdict.Unknown;
        var verdict = Decide(estimate, pool.UsableMemory, headroomPercent);
        return verdict.Rejects() && pool.LargestMemory is { } largest && !Decide(estimate, largest, headroomPercent).Rejects() ? Verdict.AtRisk : verdict;
    }

    /// <param name="estimate">What the job needs on its most loaded GPU.</param>
    /// <param name="usable">What a process can allocate on the GPU; null when unknown.</param>
    /// <param name="headroomPercent">Part of the GPU, 0 to 99, that must stay free for <see cref="Verdict.Fits"/>. It never turns a fit into a rejection.</param>
    public static Verdict Decide(Estimate estimate, Bytes? usable, int headroomPercent)
    {
        if (usable is not { } whole)
            return Verdict.Unknown;
        var memory = estimate.Engine?.LeavesTraining(whole) ?? whole;
        if (estimate.Engine?.Problem(whole) is not null)
            return estimate.IsGuess ? Verdict.Unknown : Verdict.DoesNotFit;
        if (estimate.LowerBound > memory || estimate.SurelyNeeded > memory)
        {
            // A guess never rejects: a family that is not known may share, tie or quantise what Llama does not, and a field that is not read may say so.
            if (estimate.IsGuess)
                return Verdict.Unknown;
            return estimate.LowerBound > whole ? Verdict.Impossible : Verdict.DoesNotFit;
        }
        return estimate.UpperBound <= WithHeadroom(memory, headroomPercent) ? Verdict.Fits : Verdict.AtRisk;
    }

    /// <summary>What a GPU of the pool has for a training step: all, or what an engine on it leaves; null when it is not known.</summary>
    public static Bytes? Available(Estimate estimate, Pool pool) => pool.UsableMemory is { } usable ? estimate.Engine?.LeavesTraining(usable) ?? usable : null;

    /// <summary>It would not fit if the model's family, which is not known, were built like Llama; everything else is known.</summary>
    public static bool IsGuess(Verdict verdict, Estimate estimate, Pool pool) =>
        verdict == Verdict.Unknown && estimate.IsGuess && pool is { Unknown: null, UsableMemory: { } usable }
        && (estimate.Needed > Available(estimate, pool) || estimate.Engine?.Problem(usable) is not null);

    private static Bytes WithHeadroom(Bytes memory, int percent) => new((long)((Int128)memory.Value * (100 - percent) / 100));
}
