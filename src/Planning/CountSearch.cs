using GpuMem.Estimation;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning;

/// <summary>Holds one job against the memory of a pool's GPUs, and finds on how many of them it fits or comes nearest.</summary>
/// <param name="request">The job; nothing but its data parallel size may be open.</param>
/// <param name="job">What it needs at the numbers of GPUs that it was asked about.</param>
internal readonly struct CountSearch(PlanRequest request, JobAtCounts job)
{
    private const int FewCounts = 64;

    /// <summary>
    /// More data parallel ranks never need more memory each, so the smallest count that fits is found by bisection. Only a rank alone may need
    /// less than two, which keep buffers to reduce gradients: so the smallest count is asked first.
    /// </summary>
    public long? Least(Pool pool, ArraySegment<long> counts, long from = 0)
    {
        if (counts.Count == 0 || counts[^1] < from)
            return null;

        // Experts lie otherwise over three copies than over two or four: more ranks may need more.
        if (request.Job.Parallelism.Expert > 1)
        {
            foreach (var count in counts[..Math.Min(FewCounts, counts.Count)])
                if (count >= from && Fits(pool, count))
                    return count;
        }

        if (job[counts[^1]].Estimate is not { } most)
            return null;
        var verdict = VerdictRule.Decide(most, pool, request.HeadroomPercent);

        // Fewer ranks have no smaller part of the states each, and activations are those of a rank.
        if (verdict == Verdict.Impossible || (verdict != Verdict.Fits && (counts[0] > request.Job.Parallelism.ModelParallelSize || NeedsMoreThanStates(most, pool))))
            return null;
        if (counts[0] >= from && Fits(pool, counts[0]))
            return counts[0];
        if (verdict != Verdict.Fits)
            return null;
        var may = counts[(counts.AsSpan().BinarySearch(from) is var at && at >= 0 ? at : ~at)..];
        return may[Bisect(may, pool, static (search, pool, count) => search.Fits(pool, count))];
    }

    /// <summary>
    /// Where no count fits for sure, the smallest that leaves a tenth of the GPU free, else the largest, which came nearest.
    /// </summary>
    public HeldJob? Nearest(Pool pool, ArraySegment<long> counts, ref IReadOnlyList<JobProblem> problems)
    {
        if (counts.Count == 0 || Hold(pool, counts[^1], out problems) is not { } largest)
            return null;
        if (Hold(pool, counts[0]) is { } smallest && (smallest.Verdict < largest.Verdict || smallest.LeavesATenth(pool) || smallest.Estimate.Expected <= largest.Estimate.Expected))
            return smallest;
        if (largest.Verdict.Rejects() || largest.IsGuess(pool))
            return largest;

        // Nothing to choose by when the memory is unknown: a whole node is what people start with.
        if (largest.Verdict == Verdict.Unknown)
            return Hold(pool, LastUpTo(counts, pool.GpusPerNode));
        return Hold(pool, counts[Bisect(counts, pool, static (search, pool, count) => search.Hold(pool, count)?.LeavesATenth(pool) == true)]);
    }

    /// <summary>The last of ascending counts that is no more, else the first.</summary>
    private static long LastUpTo(ArraySegment<long> counts, long most)
    {
        var last = counts[0];
        foreach (var count in counts)
            if (count <= most)
                last = count;
        return last;
    }

    /// <summary>The first of ascending counts that is good enough, else the last. What it asks is given to it: a search makes thousands of these.</summary>
    private int Bisect(ArraySegment<long> counts, Pool pool, Func<CountSearch, Pool, long, bool> isGoodEnough)
    {
        var (low, high) = (0, counts.Count - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (isGoodEnough(this, pool, counts[middle]))
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }

    /// <summary>On so many GPUs it fits for sure.</summary>
    public bool Fits(Pool pool, long world) => job[world].Estimate is { } estimate && VerdictRule.Decide(estimate, pool, request.HeadroomPercent) == Verdict.Fits;

    /// <summary>Where the job cannot be, another number of GPUs may do.</summary>
    public bool IsExpectedToFit(Pool pool, long world) => job[world].Estimate is not { } estimate || estimate.Expected <= VerdictRule.Available(estimate, pool);

    /// <summary>On so many GPUs; null where the job cannot be so.</summary>
    public HeldJob? Hold(Pool pool, long world) => Hold(pool, world, out _);

    /// <summary>As above, with the reason.</summary>
    public HeldJob? Hold(Pool pool, long world, out IReadOnlyList<JobProblem> problems)
    {
        var asked = job[world];
        problems = asked.Problems;
        return asked.Estimate is { } estimate ? new HeldJob(world, asked.Job, estimate, OnSoMany(VerdictRule.Decide(estimate, pool, request.HeadroomPercent), pool, world)) : null;
    }

    /// <summary>Even without weights, gradients and states, what is expected is more than a GPU of the pool has.</summary>
    public static bool NeedsMoreThanStates(Estimate estimate, Pool pool) => estimate.Expected - estimate.LowerBound > VerdictRule.Available(estimate, pool);

    /// <summary>The memory is enough, and nobody knows of so many GPUs, or of nodes with as many as a pod asks for: no rejection, for more may be added, but no word of fitting either.</summary>
    private Verdict OnSoMany(Verdict verdict, Pool pool, long world) =>
        verdict == Verdict.Fits && ((world > pool.Gpus && !pool.MayGrow) || request.GpusPerNode > pool.GpusPerNode) ? Verdict.AtRisk : verdict;
}
