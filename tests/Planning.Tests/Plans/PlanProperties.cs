using FsCheck.Xunit;
using GpuMem.Planning.Words;

namespace GpuMem.Planning.Tests.Plans;

[Properties(MaxTest = 300, Arbitrary = [typeof(Random)])]
public sealed class PlanProperties
{
    [Property]
    public bool The_verdict_is_that_of_the_best_candidate(Case given)
    {
        var plan = Planner.Plan(given.Request, given.Pools);
        return plan.Verdict switch
        {
            Verdict.Invalid => plan.Problems.Count > 0 && plan.Candidates.Count == 0,
            Verdict.Unknown when plan.Best is null => plan.UnplacedEstimate is not null,
            _ => plan.Verdict == plan.Best!.Verdict && plan.Candidates.All(candidate => candidate.Verdict >= plan.Verdict),
        };
    }

    [Property]
    public bool Pods_times_gpus_of_each_are_the_gpus_of_the_job(Case given) => Planner.Plan(given.Request, given.Pools).Candidates.All(candidate =>
        candidate.Nodes * candidate.GpusPerNode == candidate.Gpus && candidate.Nodes > 0
        && candidate.Gpus == candidate.Job.Parallelism.WorldSize
        && candidate.Estimate.Expected == candidate.Job.Estimate().Expected);

    [Property]
    public bool Only_what_was_left_open_is_chosen(Case given) => Planner.Plan(given.Request, given.Pools).Candidates.All(candidate =>
        candidate.Job == (given.Request.DataIsAuto ? given.Request.Job.WithData(candidate.Job.Parallelism.Data) : given.Request.Job)
        && (given.Request.GpusPerNode is not { } perNode || candidate.GpusPerNode == perNode));

    [Property]
    public bool A_chosen_count_is_one_that_the_pool_sells_where_copies_of_the_model_go_evenly_into_nodes(Case given) => Planner.Plan(given.Request with { DataIsAuto = true, GpusPerNode = null }, given.Pools).Candidates
        .Where(candidate => candidate.GpusShort == 0 && candidate.Note?.Contains("leave GPUs of a node over", StringComparison.Ordinal) != true && GoEvenly(candidate.Job.Parallelism.ModelParallelSize, candidate.Pool.GpusPerNode))
        .All(candidate => candidate.Gpus % candidate.Pool.GpusPerNode == 0 || (candidate.Gpus < candidate.Pool.GpusPerNode && candidate.Pool.GpusPerNode % candidate.Gpus == 0));

    [Property]
    public bool Another_pool_never_makes_the_verdict_worse(Case given, Pool more)
    {
        var request = given.Request with { Pools = [] };
        return given.Pools.Count == 0
            || Planner.Plan(request, [.. given.Pools, more with { Name = "more" }]).Verdict <= Planner.Plan(request, given.Pools).Verdict;
    }

    [Property]
    public bool Headroom_never_rejects(Case given) =>
        (Planner.Plan(given.Request with { HeadroomPercent = 0 }, given.Pools).Verdict == Verdict.DoesNotFit)
        == (Planner.Plan(given.Request with { HeadroomPercent = 30 }, given.Pools).Verdict == Verdict.DoesNotFit);

    [Property]
    public bool Less_memory_never_makes_the_verdict_better(Case given)
    {
        IReadOnlyList<Pool> half = [.. given.Pools.Select(pool => pool with { UsableMemory = pool.UsableMemory is { } size ? new(size.Value / 2) : null })];
        return Planner.Plan(given.Request, half).Verdict >= Planner.Plan(given.Request, given.Pools).Verdict;
    }

    [Property]
    public bool The_same_question_has_the_same_answer(Case given)
    {
        var (once, twice) = (Planner.Plan(given.Request, given.Pools), Planner.Plan(given.Request, given.Pools));
        return VerdictText.Full(once) == VerdictText.Full(twice)
            && once.Candidates.Select(candidate => (candidate.Pool.Name, candidate.Gpus)).SequenceEqual(twice.Candidates.Select(candidate => (candidate.Pool.Name, candidate.Gpus)));
    }

    [Property]
    public bool There_are_always_words_and_never_too_many(Case given)
    {
        var plan = Planner.Plan(given.Request, given.Pools);
        return VerdictText.Line(plan) is { Length: > 0 and <= 120 } && VerdictText.Full(plan, "kubectl describe trainingjob/x") is { Length: > 0 and <= VerdictText.MaxLength };
    }

    private static bool GoEvenly(long model, int node) => model % node == 0 || node % model == 0;
}
