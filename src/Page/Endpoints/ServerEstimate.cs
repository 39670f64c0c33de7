using GpuMem.Api.Decisions;
using GpuMem.Api.ModelServers;
using GpuMem.Api.Nodes;
using GpuMem.Api.TrainingJobs;
using GpuMem.Catalogues.Gpus;
using GpuMem.Page.Answers;
using GpuMem.Planning;
using GpuMem.Planning.Serving;
using GpuMem.Planning.Words;
using GpuMem.Serving;

namespace GpuMem.Page.Endpoints;

/// <summary>Asks the planner about a ModelServer, as <c>gpumem inference</c> and <c>gpumem plan</c> do.</summary>
internal static class ServerEstimate
{
    /// <param name="server">What its author wrote.</param>
    /// <param name="gpu">Held against this one of the catalogue.</param>
    /// <param name="pools">Held against these instead.</param>
    public static EstimateAnswer Of(ModelServer server, GpuModel? gpu, PoolInventory? pools)
    {
        if (pools is not null)
            return Of(ServerDecision.Of(server, pools, NoConfigMaps.Instance).Plan);
        if (ModelServerReader.Read(server, NoConfigMaps.Instance, gpusOfPod: null, out var problems) is not { } request)
            return Invalid(problems);
        var anywhere = ServerPlanner.Anywhere(request);
        if (gpu is null)
            return Of(anywhere);
        return ServingAnswer.Of(server.Spec!, gpu, out problems) is { } answer
            ? Of(answer.Plan!, anywhere.Candidates, answer.Spec, answer.Estimate, answer.Capacity)
            : Invalid(problems);
    }

    private static EstimateAnswer Of(ServerPlan plan) => Of(plan, plan.Candidates, plan.Best?.Spec, plan.Estimate, plan.Best?.Capacity);

    private static EstimateAnswer Of(ServerPlan plan, IReadOnlyList<ServerCandidate> candidates, InferenceSpec? spec, Estimate? estimate, InferenceCapacity? capacity)
    {
        if (plan.Verdict == Verdict.Invalid || estimate is null)
            return Invalid(plan.Problems);
        return new EstimateAnswer
        {
            Verdict = plan.Verdict,
            Message = JobEstimate.Sentence(ServerText.Sentence(plan)),
            Facts = plan.Best?.Note is { } note ? [$"Note: {note}."] : [],
            Estimate = estimate,
            Held = plan.Best,
            Layout = spec is null ? "" : $"tensor {spec.Tensor} × pipeline {spec.Pipeline} × expert {spec.Expert}",
            Capacity = capacity,
            Stages = spec is null ? [] : [.. Enumerable.Range(0, Math.Min(spec.Pipeline, EstimateAnswer.MostStages)).Select(stage => InferenceEstimator.Estimate(spec, stage))],
            Candidates = candidates.Select(candidate => ((ICandidate)candidate, JobEstimate.Sentence(ServerText.Sentence(new ServerPlan { Verdict = candidate.Verdict, Candidates = [candidate] })))),
            Suggestions = plan.Suggestions.Select(suggestion => EstimateAnswer.With(PlanJson.Of(suggestion), ServerText.Fix(suggestion))),
        };
    }

    private static EstimateAnswer Invalid(IReadOnlyList<JobProblem> problems) =>
        new() { Verdict = Verdict.Invalid, Message = problems is [var first, ..] ? $"Cannot be served: {first}." : "Cannot be served.", Problems = problems };
}
