using GpuMem.Estimation;
using GpuMem.Estimation.Jobs;
using GpuMem.Planning.Search;

namespace GpuMem.Planning;

/// <summary>Puts a job on GPUs of a pool: in pods of how many, how fast, at which price, and what there is to know of it.</summary>
/// <param name="request">The job; nothing but its data parallel size may be open.</param>
/// <param name="facts">What is the same for all its layouts.</param>
internal readonly struct Placement(PlanRequest request, JobFacts facts)
{
    /// <summary>What was held against the pool, as a plan shows it.</summary>
    public Candidate Of(Pool pool, in HeldJob held)
    {
        var (world, job, estimate, verdict) = held;
        var perPod = GpuCounts.PerPod(world, job.Parallelism.Tensor, pool, request.GpusPerNode);
        if (estimate.HostMemoryPerNode > Bytes.Zero && job.Parallelism.GpusPerNode != perPod)
            (job, estimate) = OnHost(job, estimate, perPod);
        return new Candidate
        {
            Pool = pool,
            Job = job,
            Open = request.Open,
            Estimate = estimate,
            Gpus = world,
            GpusPerNode = perPod,
            Verdict = verdict,
            TokensPerSecond = facts.TokensPerSecond(job, pool, world, perPod),
            Note = Note(pool, world, perPod, job.Parallelism.Tensor),
        };
    }

    /// <summary>What the job takes on so many GPUs and gives, whether their memory is enough or not.</summary>
    public PlacementCost CostOf(Pool pool, long world)
    {
        var perPod = GpuCounts.PerPod(world, request.Job.Parallelism.Tensor, pool, request.GpusPerNode);
        return new PlacementCost(world, world / perPod, (double?)(pool.PricePerGpuHour * world), facts.TokensPerSecond(request.Job, pool, world, perPod));
    }

    /// <summary>What is offloaded adds up on the host of a pod, whose size is known only now.</summary>
    private static (JobSpec Job, Estimate Estimate) OnHost(JobSpec job, Estimate estimate, int perPod)
    {
        var placed = job with { Parallelism = job.Parallelism with { GpusPerNode = perPod } };
        return MemoryEstimator.TryEstimate(placed, out _) is { } again ? (placed, again) : (job, estimate);
    }

    private string? Note(Pool pool, long world, int perPod, int tensor)
    {
        if (pool.Unknown is not null)
            return null;
        if (pool.UsableMemory is null)
            return pool.Nodes > 0 ? "label its nodes (nvidia.com/gpu.memory, MiB) or declare memoryPerGPU in a GpuPool" : "declare memoryPerGPU in its GpuPool";
        if (perPod > pool.GpusPerNode)
            return $"a pod asks for {perPod} GPUs; the pool's nodes have {pool.GpusPerNode}";
        if (world > pool.Gpus)
            return $"the pool has {pool.Gpus} of the {world} GPUs";
        if (world > (long)pool.Nodes * pool.GpusPerNode && pool.MaxNodes is { } most)
            return $"{(long)pool.Nodes * pool.GpusPerNode} of the {world} GPUs are there now; the pool may grow to {most} nodes";
        if (OldCard.Note(pool.Product) is { } old)
            return old;
        if (facts.LacksPrecision(pool.Product, request.Job.Training.Precision))
            return $"{pool.Product} has no tensor cores for bf16: use precision FP16Mixed";
        return tensor > perPod && tensor > pool.NvLinkGroup ? $"tensor {tensor} crosses nodes of {perPod} GPU{(perPod == 1 ? "" : "s")}: slow" : null;
    }
}
