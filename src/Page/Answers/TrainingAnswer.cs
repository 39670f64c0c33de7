using GpuMem.Catalogues.Gpus;
using GpuMem.Planning;

namespace GpuMem.Page.Answers;

/// <summary>What is found of a training job that is held against one GPU, or against none.</summary>
/// <param name="Job">The job, what was open of it filled in.</param>
/// <param name="Estimate">Of its most loaded GPU, or of the pipeline stage that was asked about.</param>
/// <param name="Gpu">What it is held against; null when nothing is.</param>
/// <param name="Plan">What the planner says of it on that GPU.</param>
public sealed record TrainingAnswer(JobSpec Job, Estimate Estimate, GpuModel? Gpu, Plan Plan)
{
    /// <summary>False when something of the job is not known, so that it may need less.</summary>
    public bool IsCertain { get; init; } = true;

    /// <summary>Null without a GPU to hold the job against.</summary>
    public Verdict? Verdict => Gpu is null ? null : Plan.Verdict;

    /// <param name="request">The job as its manifest was read.</param>
    /// <param name="gpu">What it is held against; without one nothing may be open.</param>
    /// <param name="problems">Why the job cannot be.</param>
    /// <returns>Null when <paramref name="problems"/> has entries.</returns>
    public static TrainingAnswer? Of(PlanRequest request, GpuModel? gpu, out IReadOnlyList<JobProblem> problems)
    {
        // Pools of a cluster are not there to be named; the GPU that is asked about is the one pool.
        var plan = Planner.Plan(request with { Pools = [] }, gpu is null ? [] : [Pool.Of(gpu, request)]);
        problems = plan.Problems;
        return plan.Estimate is { } estimate ? new TrainingAnswer(plan.Best?.Job ?? request.Job, estimate, gpu, plan) : null;
    }

    /// <summary>The same, looked at from one pipeline stage.</summary>
    public TrainingAnswer At(int stage) => this with { Estimate = MemoryEstimator.Estimate(Job, stage) };
}
