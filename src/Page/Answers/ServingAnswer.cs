using GpuMem.Api.Serving;
using GpuMem.Catalogues.Gpus;
using GpuMem.Planning.Serving;
using GpuMem.Serving;

namespace GpuMem.Page.Answers;

/// <summary>What is found of a model server that is held against one GPU, or against none; without a GPU there is nothing to fill.</summary>
/// <param name="Spec">The server.</param>
/// <param name="Estimate">Of its most loaded GPU.</param>
/// <param name="Gpu">What it is held against; null when nothing is.</param>
/// <param name="Capacity">What it holds there.</param>
/// <param name="Plan">What the planner says of it there, fixes included.</param>
public sealed record ServingAnswer(InferenceSpec Spec, Estimate Estimate, GpuModel? Gpu, InferenceCapacity? Capacity, ServerPlan? Plan)
{
    /// <summary>False when something of the server is not known, so that it may need less.</summary>
    public bool IsCertain { get; init; } = true;

    /// <param name="settings">How the model is served, as its author wrote it.</param>
    /// <param name="gpu">What it is held against; null holds it against nothing.</param>
    /// <param name="problems">Why it cannot be served so.</param>
    /// <returns>Null when <paramref name="problems"/> has entries.</returns>
    public static ServingAnswer? Of(InferenceSettings settings, GpuModel? gpu, out IReadOnlyList<JobProblem> problems)
    {
        if (InferenceReader.Read(settings, out problems) is not { } spec)
            return null;

        if (settings.Tensor is { IsAuto: true })
        {
            if (gpu is null)
            {
                problems = [new JobProblem("tensor", "Auto is chosen for a GPU, and none is given: name one, or give a number")];
                return null;
            }

            spec = spec with { Tensor = Smallest(gpu, spec, settings) };
        }

        // Engines choose limits by the GPU that they find.
        if (gpu is not null)
            spec = EngineDefaults.On(spec, gpu.Name, gpu.LargestMemory, settings.MaxBatchedTokens is not null, settings.MaxSequences is not null);
        try
        {
            var plan = gpu is null ? null : PlanOn(gpu, spec);
            var capacity = gpu is null ? null : plan?.Best?.Capacity ?? InferenceEstimator.Capacity(spec, gpu.UsableMemory);
            return new ServingAnswer(spec, InferenceEstimator.Estimate(spec), gpu, capacity, plan);
        }
        catch (InvalidJobException error)
        {
            problems = error.Problems;
            return null;
        }
    }

    /// <summary>The fewest GPUs of a node on which it serves; where it does on none, as many as the planner found best.</summary>
    private static int Smallest(GpuModel gpu, InferenceSpec spec, InferenceSettings settings)
    {
        const int usualNode = 8;
        var open = new ServerRequest { Spec = spec, TensorIsAuto = true, BatchedTokensAreAuto = settings.MaxBatchedTokens is null, SequencesOfPassAreAuto = settings.MaxSequences is null };
        return ServerPlanner.Plan(open, [ServerPlanner.NodesOf(gpu, usualNode)]).Best?.Spec.Tensor ?? spec.Tensor;
    }

    /// <summary>On nodes that hold one replica each, so that a larger tensor parallel size can be proposed, or several nodes.</summary>
    private static ServerPlan PlanOn(GpuModel gpu, InferenceSpec spec)
    {
        var replica = (long)spec.Tensor * spec.Pipeline * spec.Expert;
        return ServerPlanner.Plan(new ServerRequest { Spec = spec }, [ServerPlanner.NodesOf(gpu, (int)Math.Clamp(replica, 8, 1024))]);
    }
}
