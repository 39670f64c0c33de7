using GpuMem.Estimation;
using GpuMem.Serving;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning.Serving;

/// <summary>Holds one model server against one pool after another: fills in what is open, and decides.</summary>
internal sealed class ServerFit(ServerRequest request)
{
    /// <summary>What a replica needs is no matter of the pool, once sizes are filled in: so it is estimated once.</summary>
    private readonly Dictionary<InferenceSpec, (Estimate? Estimate, IReadOnlyList<JobProblem> Problems)> _known = [];

    /// <returns>Null when the server cannot be, whatever the memory; the reason is then in <paramref name="problems"/>.</returns>
    public ServerCandidate? Evaluate(Pool pool, out IReadOnlyList<JobProblem> problems)
    {
        if (!request.TensorIsAuto)
            return At(pool, request.Spec.Tensor, out problems);
        problems = [];
        ServerCandidate? best = null;
        foreach (var tensor in Tensors(pool))
        {
            if (At(pool, (int)tensor, out _) is not { } candidate)
                continue;
            if (candidate.Verdict == Verdict.Fits)
                return candidate;
            if (best is null || CandidateOrder.ByFit(candidate, best) < 0)
                best = candidate;
        }
        return best ?? At(pool, request.Spec.Tensor, out problems);
    }

    /// <summary>What a node's GPUs are divided into; where the pod's GPUs are fixed, all of them.</summary>
    private List<long> Tensors(Pool pool)
    {
        var groups = (long)request.Spec.Pipeline * request.Spec.Expert;
        return request.GpusPerPod is not { } fix ? GpuCounts.Sold(pool.GpusPerNode, gpusPerPod: null, model: 1, pool.GpusPerNode)
            : fix >= groups && fix % groups == 0 ? [fix / groups] : [1];
    }

    /// <summary>What the server needs where there is no GPU to hold it against.</summary>
    public Estimate? Unplaced(out IReadOnlyList<JobProblem> problems)
    {
        (var estimate, problems) = Estimated(request.Spec);
        return estimate;
    }

    private ServerCandidate? At(Pool pool, int tensor, out IReadOnlyList<JobProblem> problems)
    {
        var server = request.Spec with { Tensor = tensor };
        var seen = pool.Unknown is null ? ServingRule.Seen(pool, request.OccupiedMemory) : null;
        if ((seen?.Memory ?? pool.UsableMemory) is { } memory)
            server = EngineDefaults.On(server, pool.Product, memory, !request.BatchedTokensAreAuto, !request.SequencesOfPassAreAuto);
        (var estimate, problems) = Estimated(server);
        if (estimate is null)
            return null;
        var verdict = ServingRule.Decide(server, estimate, pool, request.OccupiedMemory, request.HeadroomPercent, out var isGuess);
        var candidate = new ServerCandidate
        {
            Pool = pool,
            Spec = server,
            Estimate = estimate,
            Capacity = seen is var (usable, held) ? ServingRule.Capacity(server, usable, held) : null,
            EngineProblem = seen is var (whole, taken) ? ServingRule.EngineProblem(server, whole, taken) : null,
            StartsForSure = seen is not var (all, others) || ServingRule.StartsForSure(server, all, others),
            IsGuess = isGuess,
            Verdict = verdict,
            GpusPerNode = GpuCounts.PerPod((long)tensor * server.Pipeline * server.Expert, tensor, pool, request.GpusPerPod),
        };

        // A pod with fewer GPUs than its replica is no replica, where nothing says that others join it.
        var lacks = !request.PodsJoin && (request.GpusOfPods ?? request.GpusPerPod) < candidate.Gpus;
        candidate = candidate with { Verdict = verdict == Verdict.Fits && lacks ? Verdict.AtRisk : verdict, PodsLackGpus = lacks };
        return candidate with { Note = ServerNote.Of(candidate, request) };
    }

    private (Estimate? Estimate, IReadOnlyList<JobProblem> Problems) Estimated(InferenceSpec server)
    {
        if (_known.TryGetValue(server, out var known))
            return known;
        var problems = InferenceEstimator.Validate(server);
        known = problems.Count > 0 ? (null, SpecPaths.Of(problems)) : (InferenceEstimator.Estimate(server), []);
        _known.Add(server, known);
        return known;
    }
}
