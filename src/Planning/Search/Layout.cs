using GpuMem.Estimation.Jobs;
using GpuMem.Planning.Speed;

namespace GpuMem.Planning.Search;

/// <summary>How model and states are divided over GPUs, with the settings that are left open beside it.</summary>
internal sealed class Layout
{
    private readonly IReadOnlyList<PoolFit> _fits;

    /// <param name="requests">All settings, the least needy first.</param>
    /// <param name="speed">Of the model.</param>
    private Layout(IEnumerable<PlanRequest> requests, JobSpeed speed) => _fits = [.. requests.Select(request => new PoolFit(request, speed))];

    /// <summary>All but the least needy.</summary>
    public IEnumerable<PoolFit> Others => _fits.Skip(1);

    /// <param name="request">A job with open fields.</param>
    /// <param name="largestTensor">GPUs that reach each other over NVLink.</param>
    /// <param name="speed">Of the model.</param>
    public static IEnumerable<Layout> All(PlanRequest request, int largestTensor, JobSpeed speed) =>
        from tensor in Degrees.Tensor(request, largestTensor)
        from pipeline in Degrees.Pipeline(request)
        from context in Degrees.Context(request)
        from expert in Degrees.Expert(request)
        from sharding in Degrees.Sharding(request)
        select new Layout(Settings(request, request.Job.Parallelism with { Tensor = tensor, Pipeline = pipeline, Context = context, Expert = expert, Sharding = sharding }), speed);

    /// <summary>With the settings that need the least memory, of those that the job can have.</summary>
    /// <param name="isSold">The pool sells as many GPUs as this layout takes.</param>
    /// <param name="problems">Why the job cannot be so, when the result is null.</param>
    public Candidate? LeastNeedy(Pool pool, out bool isSold, out IReadOnlyList<JobProblem> problems)
    {
        (isSold, problems) = (false, []);
        foreach (var fit in _fits)
        {
            if (fit.Evaluate(pool, out var here) is { } candidate)
            {
                isSold = fit.IsSold(pool, candidate.Gpus);
                return candidate;
            }

            problems = problems.Count == 0 ? here : problems;
        }

        return null;
    }

    private static IEnumerable<PlanRequest> Settings(PlanRequest request, ParallelismSpec layout) =>
        from recompute in Degrees.Recompute(request)
        from sequences in Degrees.MicroBatchSize(request)
        select request with
        {
            Open = request.Open & OpenFields.Data,
            Job = request.Job with { Parallelism = layout, Training = Train(request.Job.Training, recompute, sequences) },
        };

    private static TrainingSpec Train(TrainingSpec training, Recompute recompute, long sequences) =>
        training with { Recompute = recompute, MicroBatchSize = sequences, RecomputeModules = recompute == Recompute.Selective ? training.RecomputeModules : RecomputeModules.None };
}
