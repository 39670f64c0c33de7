using GpuMem.Estimation;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning;

/// <summary>Holds one job against one pool: chooses the GPU count where the author left it open, and decides.</summary>
internal static class PoolFit
{
    /// <returns>Null when no GPU count makes the job valid; the reason is then in <paramref name="problems"/>.</returns>
    public static Candidate? Evaluate(PlanRequest request, Pool pool, out IReadOnlyList<JobProblem> problems)
    {
        problems = [];
        if (!request.DataIsAuto)
            return At(request, pool, request.Job.Parallelism.WorldSize, out problems);

        var smallest = request.Job.Parallelism.ModelParallelSize;
        var best = SmallestThatFits(request, pool, Valid(request, pool, beyondCapacity: false), ref problems);
        if (best is not null && !best.Verdict.Rejects())
            return best;
        if (pool.MayGrow && SmallestThatFits(request, pool, Valid(request, pool, beyondCapacity: true), ref problems) is { } grown && !grown.Verdict.Rejects())
            return grown with { Verdict = Verdict.Unknown, Note = $"needs {grown.Gpus} GPUs; the pool has {pool.Gpus} and nobody declared how far it may grow" };
        return best ?? At(request, pool, smallest, out problems);
    }

    private static List<long> Valid(PlanRequest request, Pool pool, bool beyondCapacity)
    {
        var modelParallel = request.Job.Parallelism.ModelParallelSize;
        return [.. GpuCounts.Sold(pool, request.GpusPerNode, beyondCapacity)
            .Where(count => count % modelParallel == 0 && count / modelParallel <= JobLimits.MaxParallelDegree)
            .Where(count => MemoryEstimator.Validate(WithWorld(request.Job, count)).Count == 0)];
    }

    /// <summary>
    /// More data parallel ranks never need more memory each, so the smallest count that fits is found by bisection. Prefers Fits over AtRisk;
    /// when nothing fits, answers for the largest count, which came nearest.
    /// </summary>
    private static Candidate? SmallestThatFits(PlanRequest request, Pool pool, List<long> counts, ref IReadOnlyList<JobProblem> problems)
    {
        if (counts.Count == 0)
            return null;
        var largest = At(request, pool, counts[^1], out problems);
        if (largest is null || largest.Verdict.Rejects())
            return largest;
        // Nothing to choose by when the memory is unknown: a whole node is what people start with.
        if (largest.Verdict == Verdict.Unknown)
            return At(request, pool, counts.LastOrDefault(count => count <= pool.GpusPerNode, counts[0]), out problems);

        var (low, high, found) = (0, counts.Count - 1, largest);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (At(request, pool, counts[middle], out _) is { } candidate && candidate.Verdict <= largest.Verdict)
                (high, found) = (middle, candidate);
            else
                low = middle + 1;
        }
        return found;
    }

    private static Candidate? At(PlanRequest request, Pool pool, long world, out IReadOnlyList<JobProblem> problems)
    {
        var job = request.DataIsAuto ? WithWorld(request.Job, world) : request.Job;
        problems = MemoryEstimator.Validate(job);
        if (problems.Count > 0)
            return null;
        var estimate = MemoryEstimator.Estimate(job);
        var perPod = GpuCounts.PerPod(world, job.Parallelism.Tensor, pool, request.GpusPerNode);
        return new Candidate
        {
            Pool = pool,
            Job = job,
            Estimate = estimate,
            Gpus = world,
            GpusPerNode = perPod,
            Verdict = VerdictRule.Decide(estimate, pool.UsableMemory, request.HeadroomPercent),
            Note = Note(pool, world, perPod, job.Parallelism.Tensor),
        };
    }

    private static string? Note(Pool pool, long world, int perPod, int tensor)
    {
        if (pool.UsableMemory is null)
            return $"the memory of {pool.Product} is not known: label its nodes (nvidia.com/gpu.memory, MiB) or declare memoryPerGPU in a GpuPool";
        if (perPod > pool.GpusPerNode)
            return $"a pod asks for {perPod} GPUs; the pool's nodes have {pool.GpusPerNode}";
        if (world > pool.Gpus)
            return $"the pool has {pool.Gpus} of the {world} GPUs";
        return tensor > perPod ? $"tensor {tensor} crosses nodes of {perPod} GPUs: slow" : null;
    }

    private static JobSpec WithWorld(JobSpec job, long world) =>
        job with { Parallelism = job.Parallelism with { Data = checked((int)(world / job.Parallelism.ModelParallelSize)) } };
}
