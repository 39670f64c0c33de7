using GpuMem.Api.Decisions;
using GpuMem.Api.Nodes;
using GpuMem.Api.Pods;
using GpuMem.Api.TrainingJobs;
using GpuMem.Catalogues.Gpus;
using GpuMem.Page.Answers;
using GpuMem.Planning;
using GpuMem.Planning.Search;
using GpuMem.Planning.Words;

namespace GpuMem.Page.Endpoints;

/// <summary>Asks the planner about a TrainingJob, as <c>gpumem estimate</c> and <c>gpumem plan</c> do.</summary>
internal static class JobEstimate
{
    /// <param name="job">What its author wrote.</param>
    /// <param name="gpu">Held against this one of the catalogue.</param>
    /// <param name="pools">Held against these instead.</param>
    public static EstimateAnswer Of(TrainingJob job, GpuModel? gpu, PoolInventory? pools)
    {
        if (pools is not null)
            return Of(JobDecision.Of(job, pools, NoConfigMaps.Instance).Plan);
        if (TrainingJobReader.Read(job, NoConfigMaps.Instance, job.FixedGpusOfTemplate(), out var problems) is not { } request)
            return Invalid(problems);
        var anywhere = Planner.Anywhere(request);
        if (gpu is null)
            return Of(anywhere);
        if (TrainingAnswer.Of(request, gpu, out problems) is not { } answer)
            return Invalid(problems);
        if (TrainingJobStage.Of(job, out var problem) is { } stage)
            answer = answer.At(stage);
        return problem is null ? Of(answer.Plan, anywhere.Candidates, answer.Estimate) : Invalid([new JobProblem("metadata.annotations", problem)]);
    }

    private static EstimateAnswer Of(Plan plan) => Of(plan, plan.Candidates, plan.Estimate);

    private static EstimateAnswer Of(Plan plan, IReadOnlyList<Candidate> candidates, Estimate? estimate)
    {
        if (plan.Verdict == Verdict.Invalid || estimate is null)
            return Invalid(plan.Problems);
        var job = plan.Best?.Job;
        return new EstimateAnswer
        {
            Verdict = plan.Verdict,
            Message = Sentence(VerdictText.Sentence(plan)),
            Facts = job is null ? [] : Facts(plan.Best!, job, estimate),
            Estimate = estimate,
            Held = plan.Best,
            Layout = job is null ? "" : Layout(job.Parallelism),
            Stages = job is null ? [] : [.. Enumerable.Range(0, Math.Min(job.Parallelism.Pipeline, EstimateAnswer.MostStages)).Select(stage => MemoryEstimator.Estimate(job, stage))],
            Candidates = candidates.Select(candidate => ((ICandidate)candidate, Sentence(VerdictText.Sentence(new Plan { Verdict = candidate.Verdict, Candidates = [candidate] })))),
            Suggestions = plan.Suggestions.Select(suggestion => EstimateAnswer.With(PlanJson.Of(suggestion), VerdictText.Fix(suggestion))),
        };
    }

    private static EstimateAnswer Invalid(IReadOnlyList<JobProblem> problems) =>
        new() { Verdict = Verdict.Invalid, Message = problems is [var first, ..] ? $"Cannot run: {first}." : "Cannot run.", Problems = problems };

    private static IEnumerable<string> Facts(Candidate best, JobSpec job, Estimate estimate) =>
    [
        PlainWords.LargestTerm(job, estimate),
        .. (best.Open & ~OpenFields.Data) != OpenFields.None ? [$"Chosen: {string.Join(", ", best.Chosen)}."] : Array.Empty<string>(),
        .. best.Note is { } note ? [$"Note: {note}."] : Array.Empty<string>(),
        .. EstimateText.Facts(job, estimate),
    ];

    private static string Layout(ParallelismSpec layout) =>
        $"tensor {layout.Tensor} × pipeline {layout.Pipeline} × context {layout.Context} × data {layout.Data}";

    /// <summary>A clause as a sentence.</summary>
    internal static string Sentence(string clause) => $"{char.ToUpperInvariant(clause[0])}{clause[1..]}.";
}
