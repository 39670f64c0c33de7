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

    private readonly DivisibleCounts _counts = new(request, facts);

    /// <returns>Null when no GPU count makes the job valid; the reason is then in <paramref name="problems"/>.</returns>
    public Candidate? Evaluate(Pool pool, out IReadOnlyList<JobProblem> problems)
    {
        var best = Within(pool, out problems);
        if (!request.DataIsAuto || (best is { IsGuess: false } && !best.Verdict.Rejects()))
            return best;
        if (Larger(pool, ref problems) is { } larger && Candidate(pool, larger) is { IsGuess: false } candidate && !candidate.Verdict.Rejects())
        {
            if (pool.MayGrow)
                return candidate with { Verdict = Verdict.Unknown, Note = $"needs {candidate.Gpus} GPUs; the pool has {pool.Gpus}, and nobody declared how far it may grow (GpuPool maxNodes)" };
            if (candidate.Gpus <= GpuCounts.MostBeside(pool.Gpus))
                best = best is null ? null : best with { Note = $"{candidate.Gpus} GPUs of this pool would do, {candidate.Estimate.Expected} each; it has {pool.Gpus}" };
        }
        return Stranding(pool) ?? best ?? At(pool, OnePod(), out problems);
    }

    /// <summary>As <see cref="Evaluate"/> for who asks only for what is expected to fit: for all else nobody looks for how many GPUs would do.</summary>
    public Candidate? ExpectedOn(Pool pool)
    {
        if (pool.MayGrow)
            return Evaluate(pool, out _);
        var best = Within(pool, out _);
        return !request.DataIsAuto || (best is { IsGuess: false } && !best.Verdict.Rejects()) ? best : Stranding(pool) ?? best ?? At(pool, OnePod(), out _);
    }

    /// <summary>On GPUs that the pool has, or can have as far as is declared.</summary>
    /// <returns>Null when it has no count that makes the job valid; the reason, if it is one of the job, is then in <paramref name="problems"/>.</returns>
    public Candidate? Within(Pool pool, out IReadOnlyList<JobProblem> problems)
    {
        problems = [];
        if (BestThatFits(pool) is { } fits)
            return fits;
        return Nearest(pool, ref problems) is { } held ? Candidate(pool, held) : null;
    }

    /// <summary>What the objective prefers of what fits for sure on GPUs that the pool has; null when nothing does.</summary>
    public Candidate? BestThatFits(Pool pool) => LeastThatFits(pool, GpuCounts.Capacity(pool, request.GpusPerNode)) is { } least ? BestFrom(pool, least) : null;

    /// <summary>As above where the fewest GPUs are known on which it fits.</summary>
    public Candidate? BestFrom(Pool pool, long least)
    {
        if (Hold(pool, least) is not { Verdict: Verdict.Fits } held)
            return null;
        var isLeastBest = !request.DataIsAuto || request.Objective switch
        {
            Objective.Fastest => false,
            Objective.Cost => !MayBeCheaperOnMore(request.Job.Parallelism),
            _ => true,
        };
        return !isLeastBest && BestCountThatFits(pool) is { } best ? best : Candidate(pool, held);
    }

    /// <summary>How experts are cut depends on how many copies of the model there are, and with it what a token costs.</summary>
    public static bool MayBeCheaperOnMore(ParallelismSpec layout) => layout is { Expert: > 1, Tensor: > 1, ExpertTensor: null };

    /// <summary>Where nothing fits for sure on GPUs that the pool has: what may, or comes nearest.</summary>
    public HeldJob? Nearest(Pool pool, ref IReadOnlyList<JobProblem> problems) =>
        request.DataIsAuto ? Nearest(pool, _counts.Within(pool), ref problems) : Hold(pool, request.Job.Parallelism.WorldSize, out problems);

    /// <summary>The fewest GPUs up to <paramref name="limit"/>, if the author left them open, on which the job fits for sure; null when there is no such number.</summary>
    /// <param name="pool">The GPUs.</param>
    /// <param name="limit">The most.</param>
    /// <param name="from">On fewer it is known not to fit.</param>
    public long? LeastThatFits(Pool pool, long limit, long from = 0)
    {
        if (!request.DataIsAuto)
            return Fits(pool, request.Job.Parallelism.WorldSize) ? request.Job.Parallelism.WorldSize : null;
        return Least(pool, _counts.UpTo(pool.GpusPerNode, limit), from);
    }

    /// <summary>The numbers of GPUs up to <paramref name="limit"/> that the job can have, ascending.</summary>
    public ArraySegment<long> Counts(Pool pool, long limit) =>
        request.DataIsAuto ? _counts.UpTo(pool.GpusPerNode, limit) : request.Job.Parallelism.WorldSize <= limit ? new([request.Job.Parallelism.WorldSize]) : [];

    /// <summary>Whether some number of GPUs makes the job valid; null when there is no number that could.</summary>
    public bool? IsValid(Pool pool, long limit)
    {
        if (!request.DataIsAuto)
            return _job[request.Job.Parallelism.WorldSize].Estimate is not null;
        var counts = _counts.UpTo(pool.GpusPerNode, limit);
        return counts.Count == 0 ? null : _job[counts[^1]].Estimate is not null;
    }

    /// <summary>On at most so many GPUs, sold or not, the expected size may be no more than the pool's have; false is certain.</summary>
    public bool MayBeExpectedToFit(Pool pool, long limit)
    {
        var layout = request.Job.Parallelism;
        if (layout.Expert > 1)
            return true;
        if (!request.DataIsAuto)
            return IsExpectedToFit(pool, layout.WorldSize);
        return IsExpectedToFit(pool, Most(limit)) || IsExpectedToFit(pool, layout.ModelParallelSize);
    }

    /// <summary>What this layout needs on so many GPUs beside its states, or these alone; null where nobody asked yet, the job cannot be so, or a part of that is a guess.</summary>
    public Bytes? BesideStates(long gpus) =>
        _job.Known(gpus)?.Estimate is { Engine: null, IsGuess: false } estimate ? Bytes.Max(estimate.LowerBound, estimate.Expected - estimate.LowerBound) : null;

    /// <summary>The most GPUs up to <paramref name="limit"/>, sold or not, if the author left them open; one copy of the model at the least.</summary>
    private long Most(long limit)
    {
        var layout = request.Job.Parallelism;
        if (!request.DataIsAuto)
            return layout.WorldSize;
        return facts.MostRanks(limit / layout.ModelParallelSize, request.Job.Training.MicroBatchSize) * layout.ModelParallelSize;
    }

    /// <summary>On at most so many GPUs weights, gradients and states alone are more than the pool's have.</summary>
    public bool IsImpossible(Pool pool, long limit)
    {
        var counts = _counts.UpTo(pool.GpusPerNode, limit);
        return request.DataIsAuto && request.Job.Parallelism.Expert == 1 && counts.Count > 0
            && _job[counts[^1]].Estimate is { } estimate && VerdictRule.Decide(estimate, pool, request.HeadroomPercent) == Verdict.Impossible;
    }

    /// <summary>On at most so many GPUs: even without weights, gradients and states, what is expected is more than the pool's GPUs have.</summary>
    public bool NeedsMoreThanStates(Pool pool, long limit)
    {
        var counts = _counts.UpTo(pool.GpusPerNode, limit);
        if (request.DataIsAuto && counts.Count == 0)
            return true;
        return _job[request.DataIsAuto ? counts[^1] : request.Job.Parallelism.WorldSize].Estimate is { } estimate && NeedsMoreThanStates(estimate, pool);
    }

    private static bool NeedsMoreThanStates(Estimate estimate, Pool pool) => estimate.Expected - estimate.LowerBound > VerdictRule.Available(estimate, pool);

    /// <summary>Nodes of the pool's size sell so many GPUs, and the job then fits for sure.</summary>
    public bool FitsOn(Pool pool, long gpus) => IsSold(pool, gpus) && Fits(pool, gpus);

    /// <summary>The job can have so many GPUs without stranding others of a node.</summary>
    public bool IsSold(Pool pool, long gpus) => request.DataIsAuto ? _counts.Has(pool.GpusPerNode, gpus) : gpus == request.Job.Parallelism.WorldSize;

    private PlacementCost CostAt(Pool pool, long world)
    {
        var perPod = GpuCounts.PerPod(world, request.Job.Parallelism.Tensor, pool, request.GpusPerNode);
        return new PlacementCost(world, world / perPod, (double?)(pool.PricePerGpuHour * world), facts.TokensPerSecond(request.Job, pool, world, perPod));
    }

    /// <summary>Of what can start now, then of what waits. The most GPUs are not the fastest where they add a node that slows down the rest.</summary>
    private Candidate? BestCountThatFits(Pool pool)
    {
        var counts = _counts.Within(pool);
        if (counts.Count == 0 || !Fits(pool, counts[^1]))
            return null;
        var best = counts.Select(count => CostAt(pool, count)).Order(Comparer<PlacementCost>.Create((x, y) => x.CompareTo(y, request.Objective) is var order and not 0 ? order : x.Gpus.CompareTo(y.Gpus)));
        foreach (var cost in best.OrderBy(cost => cost.Gpus > pool.FreeNow))
            if (Hold(pool, cost.Gpus) is { Verdict: Verdict.Fits } held)
                return Candidate(pool, held);
        return null;
    }

    /// <summary>
    /// A batch of 100 sequences divides over 20 or 25 GPUs, but over no number that nodes of 8 sell: rather than to call such a job impossible, GPUs are left
    /// over. Null where there is no need to, or no room either.
    /// </summary>
    private Candidate? Stranding(Pool pool)
    {
        return request.GpusPerNode is null && facts.BatchDivisors is { } ranks && request.Job.Training.GlobalBatchSize is { } batch ? Stranding(pool, ranks, batch) : null;
    }

    private Candidate? Stranding(Pool pool, IReadOnlyList<long> ranks, long batch)
    {
        var (model, sequences) = (request.Job.Parallelism.ModelParallelSize, request.Job.Training.MicroBatchSize);
        return ranks
            .Where(data => batch / data % sequences == 0 && data * model <= pool.Gpus && _counts.IsDivisible(data * model) && HasRoom(pool, data * model))
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

    /// <summary>
    /// More data parallel ranks never need more memory each, so the smallest count that fits is found by bisection. Only a rank alone may need
    /// less than two, which keep buffers to reduce gradients: so the smallest count is asked first.
    /// </summary>
    private long? Least(Pool pool, ArraySegment<long> counts, long from = 0)
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

        if (_job[counts[^1]].Estimate is not { } most)
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
        return may[Bisect(may, pool, static (job, pool, count) => job.Fits(pool, count))];
    }

    /// <summary>On more GPUs than the pool has.</summary>
    private HeldJob? Larger(Pool pool, ref IReadOnlyList<JobProblem> problems)
    {
        var counts = _counts.Beyond(pool);
        return Least(pool, counts) is { } least ? Hold(pool, least) : Nearest(pool, counts, ref problems);
    }

    /// <summary>
    /// Where no count fits for sure, the smallest that leaves a tenth of the GPU free, else the largest, which came nearest.
    /// </summary>
    private HeldJob? Nearest(Pool pool, ArraySegment<long> counts, ref IReadOnlyList<JobProblem> problems)
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
        return Hold(pool, counts[Bisect(counts, pool, static (job, pool, count) => job.Hold(pool, count)?.LeavesATenth(pool) == true)]);
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
    private int Bisect(ArraySegment<long> counts, Pool pool, Func<PoolFit, Pool, long, bool> isGoodEnough)
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

    private bool Fits(Pool pool, long world) => _job[world].Estimate is { } estimate && VerdictRule.Decide(estimate, pool, request.HeadroomPercent) == Verdict.Fits;

    /// <summary>Where the job cannot be, another number of GPUs may do.</summary>
    private bool IsExpectedToFit(Pool pool, long world) => _job[world].Estimate is not { } estimate || estimate.Expected <= VerdictRule.Available(estimate, pool);

    private HeldJob? Hold(Pool pool, long world) => Hold(pool, world, out _);

    private HeldJob? Hold(Pool pool, long world, out IReadOnlyList<JobProblem> problems)
    {
        var job = _job[world];
        problems = job.Problems;
        return job.Estimate is { } estimate ? new HeldJob(world, job.Job, estimate, OnSoMany(VerdictRule.Decide(estimate, pool, request.HeadroomPercent), pool, world)) : null;
    }

    private Candidate? At(Pool pool, long world, out IReadOnlyList<JobProblem> problems) => Hold(pool, world, out problems) is { } held ? Candidate(pool, held) : null;

    /// <summary>The placement of what was held against the pool.</summary>
    public Candidate Candidate(Pool pool, in HeldJob held)
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

    /// <summary>The memory is enough, and nobody knows of so many GPUs, or of nodes with as many as a pod asks for: no rejection, for more may be added, but no word of fitting either.</summary>
    private Verdict OnSoMany(Verdict verdict, Pool pool, long world) =>
        verdict == Verdict.Fits && ((world > pool.Gpus && !pool.MayGrow) || request.GpusPerNode > pool.GpusPerNode) ? Verdict.AtRisk : verdict;

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
