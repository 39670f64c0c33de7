using System.Numerics;
using GpuMem.Estimation;
using GpuMem.Estimation.Jobs;
using GpuMem.Planning.Search;

namespace GpuMem.Planning;

/// <summary>Holds one job against one pool after another: chooses the GPU count where the author left it open, and decides.</summary>
/// <param name="request">The job; nothing but its data parallel size may be open.</param>
/// <param name="facts">What is the same for all its layouts.</param>
internal sealed class PoolFit(PlanRequest request, JobFacts facts)
{
    private const int FewCounts = 64;

    private readonly JobAtCounts _job = new(request);

    private readonly Dictionary<int, (long Limit, long[] Counts)> _divisible = [];

    /// <returns>Null when no GPU count makes the job valid; the reason is then in <paramref name="problems"/>.</returns>
    public Candidate? Evaluate(Pool pool, out IReadOnlyList<JobProblem> problems)
    {
        var best = Within(pool, out problems);
        if (!request.DataIsAuto || (best is { IsGuess: false } && !best.Verdict.Rejects()))
            return best;
        if (SmallestThatFits(pool, Counts(pool, beyondCapacity: true), ref problems) is { IsGuess: false } larger && !larger.Verdict.Rejects())
        {
            if (pool.MayGrow)
                return larger with { Verdict = Verdict.Unknown, Note = $"needs {larger.Gpus} GPUs; the pool has {pool.Gpus}, and nobody declared how far it may grow (GpuPool maxNodes)" };
            if (larger.Gpus <= GpuCounts.MostProposed)
                best = best is null ? null : best with { Note = $"{larger.Gpus} GPUs of this pool would do, {larger.Estimate.Expected} each; it has {pool.Gpus}" };
        }
        return Stranding(pool) ?? best ?? At(pool, OnePod(), out problems);
    }

    /// <summary>On GPUs that the pool has, or can have as far as is declared.</summary>
    /// <returns>Null when it has no count that makes the job valid; the reason, if it is one of the job, is then in <paramref name="problems"/>.</returns>
    public Candidate? Within(Pool pool, out IReadOnlyList<JobProblem> problems)
    {
        problems = [];
        if (!request.DataIsAuto)
            return At(pool, request.Job.Parallelism.WorldSize, out problems);
        var counts = Counts(pool, beyondCapacity: false);
        return request.Objective == Objective.Fastest && FastestThatFits(pool, counts) is { } fastest ? fastest : SmallestThatFits(pool, counts, ref problems);
    }

    /// <summary>The fewest GPUs that nodes of this size sell and the job can be divided over at a micro-batch size; null when there is no such number.</summary>
    public long? LeastCount(int gpusPerNode, long microBatchSize)
    {
        if (!request.DataIsAuto)
            return request.Job.Parallelism.WorldSize;
        foreach (var count in Divisible(gpusPerNode, GpuCounts.GrowthLimit, microBatchSize))
            return count;
        return null;
    }

    /// <summary>On some number of the pool's GPUs, a step of the job is one micro-batch.</summary>
    public bool MayTakeOneMicroBatch(Pool pool)
    {
        if (request.Job.Training.GlobalBatchSize is not { } batch || batch % request.Job.Training.MicroBatchSize != 0)
            return false;
        var ranks = batch / request.Job.Training.MicroBatchSize;
        return request.DataIsAuto ? Counts(pool, beyondCapacity: false).AsSpan().BinarySearch(ranks * request.Job.Parallelism.ModelParallelSize) >= 0 : ranks == request.Job.Parallelism.Data;
    }

    /// <summary>The job can have so many GPUs without stranding others of a node.</summary>
    public bool IsSold(Pool pool, long gpus) => !request.DataIsAuto || Array.BinarySearch(Divisible(pool.GpusPerNode, Math.Max(gpus, GpuCounts.GrowthLimit)), gpus) >= 0;

    /// <summary>What the job takes on a pool in the best case, whether its memory is enough or not; null when the pool has no count for it.</summary>
    public PlacementCost? AtBest(Pool pool)
    {
        if (!request.DataIsAuto)
            return CostAt(pool, request.Job.Parallelism.WorldSize);
        var counts = Counts(pool, beyondCapacity: false);
        if (counts.Count == 0)
            return null;

        // A GPU does no more work among many than among few.
        return request.Objective == Objective.Fastest ? ByFastest(pool, counts).First() : CostAt(pool, counts[0]);
    }

    private PlacementCost CostAt(Pool pool, long world)
    {
        var perPod = GpuCounts.PerPod(world, request.Job.Parallelism.Tensor, pool, request.GpusPerNode);
        return new PlacementCost(world, world / perPod, pool.PricePerGpuHour * world, facts.TokensPerSecond(request.Job, pool, world, perPod));
    }

    private IEnumerable<PlacementCost> ByFastest(Pool pool, ArraySegment<long> counts) =>
        counts.Select(count => CostAt(pool, count)).Order(Comparer<PlacementCost>.Create((x, y) => x.CompareTo(y, Objective.Fastest) is var order and not 0 ? order : x.Gpus.CompareTo(y.Gpus)));

    private Candidate? FastestThatFits(Pool pool, ArraySegment<long> counts) => counts.Count > 0 && At(pool, counts[^1], out _) is { Verdict: Verdict.Fits }
        ? ByFastest(pool, counts).Select(cost => At(pool, cost.Gpus, out _)).FirstOrDefault(candidate => candidate?.Verdict == Verdict.Fits)
        : null;

    /// <summary>
    /// A batch of 100 sequences divides over 20 or 25 GPUs, but over no number that nodes of 8 sell: rather than to call such a job impossible, GPUs are left
    /// over. Null where there is no need to, or no room either.
    /// </summary>
    private Candidate? Stranding(Pool pool)
    {
        if (request.GpusPerNode is not null || facts.BatchDivisors is not { } ranks || request.Job.Training.GlobalBatchSize is not { } batch)
            return null;
        var (model, sequences) = (request.Job.Parallelism.ModelParallelSize, request.Job.Training.MicroBatchSize);
        return ranks
            .Where(data => batch / data % sequences == 0 && data * model <= pool.Gpus && IsDivisible(data * model) && HasRoom(pool, data * model))
            .Select(data => At(pool, data * model, out _))
            .FirstOrDefault(candidate => candidate is { IsGuess: false, IsExpectedToFit: true } && !candidate.Verdict.Rejects()) is { } found
            ? found with { Note = $"{found.Gpus} GPUs in pods of {found.GpusPerNode}, which leave GPUs of a node over: globalBatchSize {batch} divides over no number of whole nodes that is enough" }
            : null;
    }

    private bool HasRoom(Pool pool, long world)
    {
        var perPod = GpuCounts.PerPod(world, request.Job.Parallelism.Tensor, pool, null);
        return world <= GpuCounts.Capacity(pool, perPod);
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
        var all = Divisible(pool.GpusPerNode, beyondCapacity ? Math.Max(capacity, GpuCounts.GrowthLimit) : capacity);
        var within = Until(all, capacity);
        return beyondCapacity ? new(all, within, Math.Max(0, Until(all, GpuCounts.GrowthLimit) - within)) : new(all, 0, within);
    }

    /// <summary>Hundreds of pools have a few sizes of nodes, and differ in where their capacity cuts the same counts.</summary>
    private long[] Divisible(int gpusPerNode, long limit)
    {
        // In steps, so that pools of many sizes do not make it anew for each.
        limit = (long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)Math.Max(limit, 128));
        if (!_divisible.TryGetValue(gpusPerNode, out var known) || known.Limit < limit)
            _divisible[gpusPerNode] = known = (limit, [.. Divisible(gpusPerNode, limit, request.Job.Training.MicroBatchSize)]);
        return known.Counts;
    }

    private IEnumerable<long> Divisible(int gpusPerNode, long limit, long microBatchSize)
    {
        var model = request.Job.Parallelism.ModelParallelSize;
        return facts.BatchDivisors is { } ranks && request.Job.Training.GlobalBatchSize is { } batch
            ? ranks.Where(data => batch / data % microBatchSize == 0).Select(data => data * model).Where(count => count <= limit && GpuCounts.IsSold(count, gpusPerNode, request.GpusPerNode) && IsDivisible(count))
            : GpuCounts.Sold(gpusPerNode, request.GpusPerNode, limit).Where(count => count % model == 0 && IsDivisible(count));
    }

    private bool IsDivisible(long count)
    {
        var layout = request.Job.Parallelism;
        var data = count / layout.ModelParallelSize;
        return data <= JobLimits.MaxParallelDegree && count / layout.Pipeline % layout.Expert == 0 && data * layout.Context % (layout.ShardGroup ?? 1) == 0;
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
        // Experts lie otherwise over three copies than over two or four: more ranks may need more.
        if (request.Job.Parallelism.Expert > 1 && counts.Take(FewCounts).Select(count => At(pool, count, out _)).FirstOrDefault(candidate => candidate?.Verdict == Verdict.Fits) is { } first)
            return first;
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
            Open = request.Open,
            Estimate = estimate,
            Gpus = world,
            GpusPerNode = perPod,
            Verdict = OnSoMany(VerdictRule.Decide(estimate, pool, request.HeadroomPercent), pool, world),
            TokensPerSecond = facts.TokensPerSecond(job, pool, world, perPod),
            Note = Note(pool, world, perPod, job.Parallelism.Tensor),
        };
    }

    /// <summary>The memory is enough, and nobody knows of so many GPUs: no rejection, for more may be added, but no word of fitting either.</summary>
    private static Verdict OnSoMany(Verdict verdict, Pool pool, long world) => verdict == Verdict.Fits && world > pool.Gpus && !pool.MayGrow ? Verdict.AtRisk : verdict;

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
        if (facts.LacksPrecision(pool.Product, request.Job.Training.Precision))
            return $"{pool.Product} has no tensor cores for bf16: use precision FP16Mixed";
        return tensor > perPod && tensor > pool.NvLinkGroup ? $"tensor {tensor} crosses nodes of {perPod} GPUs: slow" : null;
    }
}
