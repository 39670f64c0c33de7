using System.Numerics;
using GpuMem.Estimation;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning;

/// <summary>Holds one job against one pool after another: chooses the GPU count where the author left it open, and decides.</summary>
internal sealed class PoolFit(PlanRequest request)
{
    private readonly JobAtCounts _job = new(request);

    private readonly Dictionary<int, (long Limit, long[] Counts)> _divisible = [];

    /// <returns>Null when no GPU count makes the job valid; the reason is then in <paramref name="problems"/>.</returns>
    public Candidate? Evaluate(Pool pool, out IReadOnlyList<JobProblem> problems)
    {
        problems = [];
        if (!request.DataIsAuto)
            return At(pool, request.Job.Parallelism.WorldSize, out problems);

        var best = SmallestThatFits(pool, Counts(pool, beyondCapacity: false), ref problems);
        if (best is { IsGuess: false } && !best.Verdict.Rejects())
            return best;
        if (SmallestThatFits(pool, Counts(pool, beyondCapacity: true), ref problems) is { IsGuess: false } larger && !larger.Verdict.Rejects())
        {
            if (pool.MayGrow)
                return larger with { Verdict = Verdict.Unknown, Note = $"needs {larger.Gpus} GPUs; the pool has {pool.Gpus}, and nobody declared how far it may grow (GpuPool maxNodes)" };
            best = best is null ? null : best with { Note = $"{larger.Gpus} GPUs of this pool would do, {larger.Estimate.Expected} each; it has {pool.Gpus}" };
        }
        return best ?? At(pool, OnePod(), out problems);
    }

    /// <summary>The least GPUs that make whole pods and one whole copy of the model.</summary>
    private long OnePod()
    {
        var (model, pod) = (request.Job.Parallelism.ModelParallelSize, request.GpusPerNode ?? 1);
        return model / (long)BigInteger.GreatestCommonDivisor(model, pod) * pod;
    }

    /// <summary>The counts that the pool sells and the job can be divided over, ascending.</summary>
    private ArraySegment<long> Counts(Pool pool, bool beyondCapacity)
    {
        // A job that replicates its states needs as much on each of a thousand GPUs as on one.
        if (beyondCapacity && request.Job.Parallelism.Sharding == Sharding.None)
            return [];
        var capacity = GpuCounts.Capacity(pool, request.GpusPerNode);
        var all = Divisible(pool.GpusPerNode, Math.Max(capacity, GpuCounts.GrowthLimit));
        var within = Until(all, capacity);
        return beyondCapacity ? new(all, within, Math.Max(0, Until(all, GpuCounts.GrowthLimit) - within)) : new(all, 0, within);
    }

    /// <summary>Hundreds of pools have a few sizes of nodes, and differ in where their capacity cuts the same counts.</summary>
    private long[] Divisible(int gpusPerNode, long limit)
    {
        if (!_divisible.TryGetValue(gpusPerNode, out var known) || known.Limit < limit)
            _divisible[gpusPerNode] = known = (limit, [.. GpuCounts.Sold(gpusPerNode, request.GpusPerNode, limit).Where(IsDivisible)]);
        return known.Counts;
    }

    private bool IsDivisible(long count)
    {
        var (data, rest) = Math.DivRem(count, request.Job.Parallelism.ModelParallelSize);
        return rest == 0 && data <= JobLimits.MaxParallelDegree
            && (request.Job.Training.GlobalBatchSize is not { } batch || batch % data == 0 && batch / data % request.Job.Training.MicroBatchSize == 0);
    }

    /// <summary>How many of the ascending counts are at most <paramref name="limit"/>.</summary>
    private static int Until(long[] counts, long limit)
    {
        var at = Array.BinarySearch(counts, limit);
        return at >= 0 ? at + 1 : ~at;
    }

    /// <summary>
    /// More data parallel ranks never need more memory each, so the smallest count that is good enough is found by bisection: one that fits;
    /// where none fits for sure, one that leaves a tenth of the GPU free; else the largest, which came nearest. Only a rank alone may need
    /// less than two, which keep buffers to reduce gradients: so the smallest count is asked first.
    /// </summary>
    private Candidate? SmallestThatFits(Pool pool, ArraySegment<long> counts, ref IReadOnlyList<JobProblem> problems)
    {
        if (counts.Count == 0)
            return null;
        var largest = At(pool, counts[^1], out problems);
        if (largest is null)
            return null;
        if (At(pool, counts[0], out _) is { } smallest
            && (smallest.Verdict < largest.Verdict || IsGoodEnough(smallest, largest.Verdict) || smallest.Estimate.Expected <= largest.Estimate.Expected))
            return smallest;
        if (largest.Verdict.Rejects() || largest.IsGuess)
            return largest;
        // Nothing to choose by when the memory is unknown: a whole node is what people start with.
        if (largest.Verdict == Verdict.Unknown)
            return At(pool, counts.LastOrDefault(count => count <= pool.GpusPerNode, counts[0]), out problems);

        var (low, high, found) = (0, counts.Count - 1, largest);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (At(pool, counts[middle], out _) is { } candidate && IsGoodEnough(candidate, largest.Verdict))
                (high, found) = (middle, candidate);
            else
                low = middle + 1;
        }
        return found;
    }

    private static bool IsGoodEnough(Candidate candidate, Verdict possible) => possible == Verdict.Fits
        ? candidate.Verdict == Verdict.Fits
        : candidate.Available is { } memory && candidate.Estimate.Expected.Value <= memory.Value / 10 * 9;

    private Candidate? At(Pool pool, long world, out IReadOnlyList<JobProblem> problems)
    {
        (var job, var estimate, problems) = _job[world];
        if (estimate is null)
            return null;
        var perPod = GpuCounts.PerPod(world, job.Parallelism.Tensor, pool, request.GpusPerNode);
        if (estimate.HostMemoryPerNode > Bytes.Zero && job.Parallelism.GpusPerNode != perPod)
            (job, estimate) = OnHost(job, estimate, perPod);
        return new Candidate
        {
            Pool = pool,
            Job = job,
            Estimate = estimate,
            Gpus = world,
            GpusPerNode = perPod,
            Verdict = VerdictRule.Decide(estimate, pool, request.HeadroomPercent),
            Note = Note(pool, world, perPod, job.Parallelism.Tensor),
        };
    }

    /// <summary>What is offloaded adds up on the host of a pod, whose size is known only now.</summary>
    private static (JobSpec Job, Estimate Estimate) OnHost(JobSpec job, Estimate estimate, int perPod)
    {
        var placed = job with { Parallelism = job.Parallelism with { GpusPerNode = perPod } };
        return MemoryEstimator.TryEstimate(placed, out _) is { } again ? (placed, again) : (job, estimate);
    }

    private static string? Note(Pool pool, long world, int perPod, int tensor)
    {
        if (pool.Unknown is not null)
            return null;
        if (pool.UsableMemory is null)
            return $"the memory of {pool.Product} is not known: label its nodes (nvidia.com/gpu.memory, MiB) or declare memoryPerGPU in a GpuPool";
        if (perPod > pool.GpusPerNode)
            return $"a pod asks for {perPod} GPUs; the pool's nodes have {pool.GpusPerNode}";
        if (world > pool.Gpus)
            return $"the pool has {pool.Gpus} of the {world} GPUs";
        return tensor > perPod ? $"tensor {tensor} crosses nodes of {perPod} GPUs: slow" : null;
    }
}
