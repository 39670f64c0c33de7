using GpuMem.Catalogues.Gpus;
using GpuMem.Estimation;
using GpuMem.Estimation.Jobs;
using GpuMem.Planning.Search;
using GpuMem.Planning.Suggestions;

namespace GpuMem.Planning;

/// <summary>
/// The one place where it is decided whether, where and on how many GPUs a job runs. The webhook, the operator and the command line all ask
/// here and add nothing. Pure: the same request and pools give the same plan.
/// </summary>
public static class Planner
{
    public static Plan Plan(PlanRequest request, IReadOnlyList<Pool> pools)
    {
        IReadOnlyList<JobProblem> problems = RequestProblems(request);
        if (problems.Count > 0)
            return new Plan { Verdict = Verdict.Invalid, Problems = problems };

        var allowed = request.Pools.Count == 0 ? pools : [.. pools.Where(pool => request.Pools.Contains(pool.Name, StringComparer.Ordinal))];
        if (allowed.Count == 0)
            return WithoutPools(request, pools);

        var search = new LayoutSearch(request, pools);
        var candidates = Candidates(search, allowed, request.Objective, out problems);
        if (candidates.Count == 0)
            return new Plan { Verdict = Verdict.Invalid, Problems = problems };
        var verdict = candidates[0].Verdict;
        return new Plan
        {
            Verdict = verdict,
            Candidates = candidates,
            Suggestions = verdict.Rejects() || verdict == Verdict.AtRisk || candidates[0].IsGuess || NeedsMoreThanThereAre(candidates[0]) ? SuggestionSearch.Find(request, allowed, pools, candidates, search) : [],
        };
    }

    /// <summary>What the job would need where there is no cluster to look at: held against nodes of every GPU that is built in.</summary>
    /// <remarks>Where everything is to be had, the best is what has the least memory in all.</remarks>
    public static Plan Anywhere(PlanRequest request)
    {
        var plan = Plan(request with { Pools = [] }, [.. GpuCatalogue.All.Where(gpu => gpu is { MemoryIsKnown: true, OldComputeCapability: null }).Select(gpu => Pool.Of(gpu, request))]);
        return plan with
        {
            Candidates = [.. plan.Candidates
                .OrderBy(candidate => candidate.Verdict)
                .ThenBy(candidate => candidate.Verdict.Rejects() ? 0 : (Int128)candidate.Gpus * candidate.Pool.UsableMemory!.Value.Value)],
        };
    }

    /// <summary>Its memory is enough, on more GPUs than are known to exist: something else may do with those that are.</summary>
    private static bool NeedsMoreThanThereAre(Candidate best) => best is { Verdict: Verdict.Unknown, GpusShort: > 0, Pool.Unknown: null, IsExpectedToFit: true };

    /// <summary>The job held against each pool, the best first; pools on which no GPU count is valid are left out.</summary>
    private static List<Candidate> Candidates(LayoutSearch search, IReadOnlyList<Pool> pools, Objective objective, out IReadOnlyList<JobProblem> problems)
    {
        problems = [];
        var candidates = new List<Candidate>(pools.Count);

        // What is best on many GPUs, and takes few, is best on few.
        foreach (var pool in pools.OrderByDescending(pool => pool.Gpus))
        {
            if (search.Evaluate(pool, out var here) is { } candidate)
                candidates.Add(candidate);
            else if (problems.Count == 0)
                problems = here;
        }
        candidates.Sort(new CandidateOrder(objective));
        return candidates;
    }

    internal static List<JobProblem> RequestProblems(PlanRequest request)
    {
        var job = OfOneRank(request);
        List<JobProblem> problems = [.. MemoryEstimator.Validate(job)];

        // Where sizes are open, those that stand there may be valid and one not, sequence parallelism say, or the other way about.
        if (problems.Count > 0 && (request.Open & ~OpenFields.Data) != OpenFields.None && MemoryEstimator.Validate(WithOneOf(request, OpenFields.Data)) is [])
            problems = [];
        if (request.HeadroomPercent is < 0 or > 99)
            problems.Add(new JobProblem("policy.headroomPercent", $"{request.HeadroomPercent} is not between 0 and 99"));
        if (request.GpusPerNode is { } perNode)
        {
            if (perNode <= 0)
                problems.Add(new JobProblem("placement.gpusPerNode", $"{perNode} is not a number of GPUs; give 1 or more, or Auto"));
            else if (request.Open == OpenFields.None && problems.Count == 0 && job.Parallelism.WorldSize % perNode != 0)
                problems.Add(WorldDoesNotMultiplyOut(job.Parallelism, perNode));
        }
        return problems;
    }

    /// <summary>With an open size one rank, or one sequence, stands for any: what is wrong then is wrong at every size.</summary>
    private static JobSpec OfOneRank(PlanRequest request) => WithOneOf(request, request.Open);

    private static JobSpec WithOneOf(PlanRequest request, OpenFields open)
    {
        var (layout, training) = (request.Job.Parallelism, request.Job.Training);
        return (request.Open & open) == OpenFields.None ? request.Job : request.Job with
        {
            Parallelism = layout with
            {
                Data = IfOpen(OpenFields.Data, layout.Data),
                Tensor = IfOpen(OpenFields.Tensor, layout.Tensor),
                Pipeline = IfOpen(OpenFields.Pipeline, layout.Pipeline),
                Context = IfOpen(OpenFields.Context, layout.Context),
                Expert = IfOpen(OpenFields.Expert, layout.Expert),
            },
            Training = training with { MicroBatchSize = (request.Open & open).HasFlag(OpenFields.MicroBatchSize) ? 1 : training.MicroBatchSize },
        };

        int IfOpen(OpenFields field, int fixedSize) => (request.Open & open).HasFlag(field) ? 1 : fixedSize;
    }

    private static JobProblem WorldDoesNotMultiplyOut(ParallelismSpec parallelism, int perNode) => new(
        "parallelism",
        $"tensor {parallelism.Tensor} × pipeline {parallelism.Pipeline} × context {parallelism.Context} × data {parallelism.Data} = {parallelism.WorldSize} GPUs "
        + $"cannot be divided into pods of {perNode}; make data a multiple that fits, or set it to Auto");

    private static Plan WithoutPools(PlanRequest request, IReadOnlyList<Pool> pools) => new()
    {
        Verdict = Verdict.Unknown,
        UnplacedEstimate = MemoryEstimator.TryEstimate(OfOneRank(request), out _) ?? MemoryEstimator.Estimate(WithOneOf(request, OpenFields.Data)),
        Candidates = [],
        Problems = pools.Count == 0 ? [] : [new JobProblem("placement.pools", $"none of [{string.Join(", ", request.Pools)}] is known; there are: {string.Join(", ", pools.Select(pool => pool.Name))}")],
    };
}
