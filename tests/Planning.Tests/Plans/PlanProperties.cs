using FsCheck;
using FsCheck.Fluent;
using GpuMem.Planning.Words;

namespace GpuMem.Planning.Tests.Plans;

public sealed class PlanProperties
{
    [Fact]
    public void The_verdict_is_that_of_the_best_candidate() => ForAll(given =>
    {
        var plan = Planner.Plan(given.Request, given.Pools);
        return plan.Verdict switch
        {
            Verdict.Invalid => plan.Problems.Count > 0 && plan.Candidates.Count == 0,
            Verdict.Unknown when plan.Best is null => plan.UnplacedEstimate is not null,
            _ => plan.Verdict == plan.Best!.Verdict && plan.Candidates.All(candidate => candidate.Verdict >= plan.Verdict),
        };
    });

    [Fact]
    public void Pods_times_gpus_of_each_are_the_gpus_of_the_job() => ForAll(given => Planner.Plan(given.Request, given.Pools).Candidates.All(candidate =>
        candidate.Nodes * candidate.GpusPerNode == candidate.Gpus && candidate.Nodes > 0
        && candidate.Gpus == candidate.Job.Parallelism.WorldSize
        && candidate.Estimate.Expected == candidate.Job.Estimate().Expected));

    [Fact]
    public void Only_what_was_left_open_is_chosen() => ForAll(given => Planner.Plan(given.Request, given.Pools).Candidates.All(candidate =>
        candidate.Job == (given.Request.DataIsAuto ? given.Request.Job.WithData(candidate.Job.Parallelism.Data) : given.Request.Job)
        && (given.Request.GpusPerNode is not { } perNode || candidate.GpusPerNode == perNode)));

    [Fact]
    public void A_chosen_count_is_one_that_the_pool_sells_where_copies_of_the_model_go_evenly_into_nodes() => ForAll(given => Planner.Plan(given.Request with { DataIsAuto = true, GpusPerNode = null }, given.Pools).Candidates
        .Where(candidate => candidate.GpusShort == 0 && GoEvenly(candidate.Job.Parallelism.ModelParallelSize, candidate.Pool.GpusPerNode))
        .All(candidate => candidate.Gpus % candidate.Pool.GpusPerNode == 0 || (candidate.Gpus < candidate.Pool.GpusPerNode && candidate.Pool.GpusPerNode % candidate.Gpus == 0)));

    [Fact]
    public void Another_pool_never_makes_the_verdict_worse() => Check.One(Random.Runs, Prop.ForAll(
        (from given in Random.Cases from more in Random.Pool select (Given: given, More: more with { Name = "more" })).ToArbitrary(),
        pair =>
        {
            var request = pair.Given.Request with { Pools = [] };
            return pair.Given.Pools.Count == 0
                || Planner.Plan(request, [.. pair.Given.Pools, pair.More]).Verdict <= Planner.Plan(request, pair.Given.Pools).Verdict;
        }));

    [Fact]
    public void Headroom_never_rejects() => ForAll(given =>
        (Planner.Plan(given.Request with { HeadroomPercent = 0 }, given.Pools).Verdict == Verdict.DoesNotFit)
        == (Planner.Plan(given.Request with { HeadroomPercent = 30 }, given.Pools).Verdict == Verdict.DoesNotFit));

    [Fact]
    public void Less_memory_never_makes_the_verdict_better() => ForAll(given =>
    {
        IReadOnlyList<Pool> half = [.. given.Pools.Select(pool => pool with { UsableMemory = pool.UsableMemory is { } size ? new(size.Value / 2) : null })];
        return Planner.Plan(given.Request, half).Verdict >= Planner.Plan(given.Request, given.Pools).Verdict;
    });

    [Fact]
    public void The_same_question_has_the_same_answer() => ForAll(given =>
    {
        var (once, twice) = (Planner.Plan(given.Request, given.Pools), Planner.Plan(given.Request, given.Pools));
        return VerdictText.Full(once) == VerdictText.Full(twice)
            && once.Candidates.Select(candidate => (candidate.Pool.Name, candidate.Gpus)).SequenceEqual(twice.Candidates.Select(candidate => (candidate.Pool.Name, candidate.Gpus)));
    });

    [Fact]
    public void There_are_always_words_and_never_too_many() => ForAll(given =>
    {
        var plan = Planner.Plan(given.Request, given.Pools);
        return VerdictText.Line(plan) is { Length: > 0 and <= 120 } && VerdictText.Full(plan, "kubectl describe trainingjob/x") is { Length: > 0 and <= VerdictText.MaxLength };
    });

    private static bool GoEvenly(long model, int node) => model % node == 0 || node % model == 0;

    private static void ForAll(Func<Random.Case, bool> property) => Check.One(Random.Runs, Prop.ForAll(Random.Cases.ToArbitrary(), property));
}
