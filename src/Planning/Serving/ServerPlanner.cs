using GpuMem.Catalogues.Gpus;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning.Serving;

/// <summary>
/// The one place where it is decided whether and where a model server starts and serves its context. The webhook, the operator and the command
/// line all ask here and add nothing. Pure: the same request and pools give the same plan.
/// </summary>
public static class ServerPlanner
{
    public static ServerPlan Plan(ServerRequest request, IReadOnlyList<Pool> pools)
    {
        if (request.HeadroomPercent is < 0 or > 99)
            return Invalid([new JobProblem("policy.headroomPercent", $"{request.HeadroomPercent} is not between 0 and 99")]);
        var allowed = request.Pools.Count == 0 ? pools : [.. pools.Where(pool => request.Pools.Contains(pool.Name, StringComparer.Ordinal))];
        if (allowed.Count == 0)
            return WithoutPools(request, pools);
        var candidates = Candidates(request, allowed, out var problems);
        if (candidates.Count == 0)
            return Invalid(problems);
        var verdict = candidates[0].Verdict;
        return new ServerPlan
        {
            Verdict = verdict,
            Candidates = candidates,
            Suggestions = verdict.Rejects() || candidates[0].IsGuess || (verdict == Verdict.AtRisk && !candidates[0].PodsLackGpus) ? ServerSuggestionSearch.Find(request, allowed, pools, candidates) : [],
        };
    }

    /// <summary>The smallest servers of all GPUs that are built in: on each the fewest that divide the model and hold it, those with the least memory in all first.</summary>
    public static IReadOnlyList<ServerCandidate> Smallest(ServerRequest request)
    {
        const int usualNode = 8;
        var fit = new ServerFit(request with { TensorIsAuto = true, Pools = [] });
        return [.. GpuCatalogue.All
            .Where(gpu => gpu.OldComputeCapability is null)
            .Select(gpu => fit.Evaluate(NodesOf(gpu, usualNode), out _))
            .OfType<ServerCandidate>()
            .Where(candidate => candidate.Verdict == Verdict.Fits)
            .OrderBy(candidate => (Int128)candidate.Pool.UsableMemory!.Value.Value * candidate.Gpus)
            .ThenBy(candidate => candidate.Gpus)
            .ThenBy(candidate => candidate.Pool.Name, StringComparer.Ordinal)];
    }

    /// <summary>What the server would need where there is no cluster to look at: held against a node of every GPU that is built in.</summary>
    public static ServerPlan Anywhere(ServerRequest request)
    {
        const int usualNode = 8;
        var replica = Math.Clamp((long)request.Spec.Tensor * request.Spec.Pipeline * request.Spec.Expert, usualNode, 1024);
        return Plan(request with { Pools = [] }, [.. GpuCatalogue.All.Where(gpu => gpu is { MemoryIsKnown: true, OldComputeCapability: null }).Select(gpu => NodesOf(gpu, (int)replica))]);
    }

    /// <summary>Where there is no cluster to look at: nodes of such GPUs, as many as are ever proposed.</summary>
    public static Pool NodesOf(GpuModel gpu, int gpusPerNode) => new()
    {
        Name = gpu.Name,
        Product = gpu.Name,
        UsableMemory = gpu.UsableMemory,
        LargestMemory = gpu.SharedMemory,
        SharesMemoryWithHost = gpu.SharedMemory is not null,
        GpusPerNode = gpusPerNode,
        Nodes = (int)Math.Max(1, GpuCounts.MostProposed / gpusPerNode),
    };

    /// <summary>The server held against each pool, the best first; pools on which it cannot be are left out.</summary>
    private static List<ServerCandidate> Candidates(ServerRequest request, IReadOnlyList<Pool> pools, out IReadOnlyList<JobProblem> problems)
    {
        problems = [];
        var (fit, candidates) = (new ServerFit(request), new List<ServerCandidate>(pools.Count));
        foreach (var pool in pools)
        {
            if (fit.Evaluate(pool, out var here) is { } candidate)
                candidates.Add(candidate);
            else if (problems.Count == 0)
                problems = here;
        }
        candidates.Sort(new CandidateOrder(request.Objective));
        return candidates;
    }

    private static ServerPlan Invalid(IReadOnlyList<JobProblem> problems) => new() { Verdict = Verdict.Invalid, Problems = problems };

    private static ServerPlan WithoutPools(ServerRequest request, IReadOnlyList<Pool> pools) => new ServerFit(request).Unplaced(out var problems) is not { } estimate
        ? Invalid(problems)
        : new ServerPlan
        {
            Verdict = Verdict.Unknown,
            UnplacedEstimate = estimate,
            Problems = pools.Count == 0 ? [] : [new JobProblem("placement.pools", $"none of [{string.Join(", ", request.Pools)}] is known; there are: {string.Join(", ", pools.Select(pool => pool.Name))}")],
        };
}
