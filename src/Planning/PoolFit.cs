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
    private readonly JobAtCounts _job = new(request);

    private CountSearch AtCounts => new(request, _job);

    private DivisibleCounts Counted => new(request, request.Job.Parallelism, request.Job.Training.MicroBatchSize, facts);

    private Placement Placed => new(request, facts);

    /// <returns>Null when no GPU count makes the job valid; the reason is then in <paramref name="problems"/>.</returns>
    public Candidate? Evaluate(Pool pool, out IReadOnlyList<JobProblem> problems)
    {
        var best = Within(pool, out problems);
        if (!request.DataIsAuto || (best is { IsGuess: false } && !best.Verdict.Rejects()))
            return best;
        if (Larger(pool, ref problems) is { } larger && Placed.Of(pool, larger) is { IsGuess: false } candidate && !candidate.Verdict.Rejects())
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
        return Nearest(pool, ref problems) is { } held ? Placed.Of(pool, held) : null;
    }

    /// <summary>What the objective prefers of what fits for sure on GPUs that the pool has; null when nothing does.</summary>
    public Candidate? BestThatFits(Pool pool) => LeastThatFits(pool, GpuCounts.Capacity(pool, request.GpusPerNode)) is { } least ? BestFrom(pool, least) : null;

    /// <summary>As above where the fewest GPUs are known on which it fits.</summary>
    public Candidate? BestFrom(Pool pool, long least)
    {
        if (AtCounts.Hold(pool, least) is not { Verdict: Verdict.Fits } held)
            return null;
        var isLeastBest = !request.DataIsAuto || request.Objective switch
        {
            Objective.Fastest => false,
            Objective.Cost => !MayBeCheaperOnMore(request.Job.Parallelism),
            _ => true,
        };
        return !isLeastBest && BestCountThatFits(pool) is { } best ? best : Placed.Of(pool, held);
    }

    /// <summary>How experts are cut depends on how many copies of the model there are, and with it what a token costs.</summary>
    public static bool MayBeCheaperOnMore(ParallelismSpec layout) => layout is { Expert: > 1, Tensor: > 1, ExpertTensor: null };

    /// <summary>Where nothing fits for sure on GPUs that the pool has: what may, or comes nearest.</summary>
    public HeldJob? Nearest(Pool pool, ref IReadOnlyList<JobProblem> problems) =>
        request.DataIsAuto ? AtCounts.Nearest(pool, Counted.Within(pool), ref problems) : AtCounts.Hold(pool, request.Job.Parallelism.WorldSize, out problems);

    /// <summary>The fewest GPUs up to <paramref name="limit"/>, if the author left them open, on which the job fits for sure; null when there is no such number.</summary>
    /// <param name="pool">The GPUs.</param>
    /// <param name="limit">The most.</param>
    /// <param name="from">On fewer it is known not to fit.</param>
    public long? LeastThatFits(Pool pool, long limit, long from = 0)
    {
        if (!request.DataIsAuto)
            return AtCounts.Fits(pool, request.Job.Parallelism.WorldSize) ? request.Job.Parallelism.WorldSize : null;
        return AtCounts.Least(pool, Counted.UpTo(pool.GpusPerNode, limit), from);
    }

    /// <summary>As a plan shows it.</summary>
    public Candidate Candidate(Pool pool, in HeldJob held) => Placed.Of(pool, held);

    /// <summary>Whether some number of GPUs makes the job valid; null when there is no number that could.</summary>
    public bool? IsValid(Pool pool, long limit)
    {
        if (!request.DataIsAuto)
            return _job[request.Job.Parallelism.WorldSize].Estimate is not null;
        var counts = Counted.UpTo(pool.GpusPerNode, limit);
        return counts.Count == 0 ? null : _job[counts[^1]].Estimate is not null;
    }

    /// <summary>On at most so many GPUs, sold or not, the expected size may be no more than the pool's have; false is certain.</summary>
    public bool MayBeExpectedToFit(Pool pool, long limit)
    {
        var layout = request.Job.Parallelism;
        if (layout.Expert > 1)
            return true;
        if (!request.DataIsAuto)
            return AtCounts.IsExpectedToFit(pool, layout.WorldSize);
        return AtCounts.IsExpectedToFit(pool, Most(limit)) || AtCounts.IsExpectedToFit(pool, layout.ModelParallelSize);
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
        var counts = Counted.UpTo(pool.GpusPerNode, limit);
        return request.DataIsAuto && request.Job.Parallelism.Expert == 1 && counts.Count > 0
            && _job[counts[^1]].Estimate is { } estimate && VerdictRule.Decide(estimate, pool, request.HeadroomPercent) == Verdict.Impossible;
    }

    /// <summary>On at most so many GPUs: even without weights, gradients and states, what is expected is more than the pool's GPUs have.</summary>
    public bool NeedsMoreThanStates(Pool pool, long limit)
    {
        var counts = Counted.UpTo(pool.GpusPerNode, limit);
        if (request.DataIsAuto && counts.Count == 0)
            return true;
        return _job[request.DataIsAuto ? counts[^1] : request.Job.Parallelism.WorldSize].Estimate is { } estimate && CountSearch.NeedsMoreThanStates(estimate, pool);
    }

    /// <summary>Nodes of the pool's size sell so many GPUs, and the job then fits for sure.</summary>
    public bool FitsOn(Pool pool, long gpus) => IsSold(pool, gpus) && AtCounts.Fits(pool, gpus);

    /// <summary>The job can have so many GPUs without stranding others of a node.</summary>
    public bool IsSold(Pool pool, long gpus) => request.DataIsAuto ? Counted.Has(pool.GpusPerNode, gpus) : gpus == request.Job.Parallelism.WorldSize;

    /// <summary>Of what can start now, then of what waits. The most GPUs are not the fastest where they add a node that slows down the rest.</summary>
    private Candidate? BestCountThatFits(Pool pool)
    {
        var counts = Counted.Within(pool);
        if (counts.Count == 0 || !AtCounts.Fits(pool, counts[^1]))
            return null;
        var best = counts.Select(count => Placed.CostOf(pool, count)).Order(Comparer<PlacementCost>.Create((x, y) => x.CompareTo(y, request.Objective) is var order and not 0 ? order : x.Gpus.CompareTo(y.Gpus)));
        foreach (var cost in best.OrderBy(cost => cost.Gpus > pool.FreeNow))
            if (AtCounts.Hold(pool, cost.Gpus) is { Verdict: Verdict.Fits } held)
                return Placed.Of(pool, held);
        return null;
    }

    /// <summary>
    /// A batch of 100 sequences divides over 20 or 25 GPUs, but over no number that nodes of 8 sell: rather than to call such a job impossible, GPUs are left
    /// over. Null where there is no need to, or no room either.
    /// </summary>
    private Candidate? Stranding(Pool pool) =>
        request.GpusPerNode is null && facts.BatchDivisors is { } ranks && request.Job.Training.GlobalBatchSize is { } batch ? Stranding(pool, ranks, batch) : null;

    private Candidate? Stranding(Pool pool, IReadOnlyList<long> ranks, long batch)
    {
        var (model, sequences) = (request.Job.Parallelism.ModelParallelSize, request.Job.Training.MicroBatchSize);
        return ranks
            .Where(data => batch / data % sequences == 0 && data * model <= pool.Gpus && Counted.IsDivisible(data * model) && HasRoom(pool, data * model))
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

    /// <summary>On more GPUs than the pool has.</summary>
    private HeldJob? Larger(Pool pool, ref IReadOnlyList<JobProblem> problems)
    {
        var counts = Counted.Beyond(pool);
        return AtCounts.Least(pool, counts) is { } least ? AtCounts.Hold(pool, least) : AtCounts.Nearest(pool, counts, ref problems);
    }

    private Candidate? At(Pool pool, long world, out IReadOnlyList<JobProblem> problems) => AtCounts.Hold(pool, world, out problems) is { } held ? Placed.Of(pool, held) : null;
}
