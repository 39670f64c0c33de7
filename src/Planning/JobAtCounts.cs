using GpuMem.Estimation;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning;

/// <summary>
/// A job at the GPU counts that it is asked about. What it needs there is no matter of the pool, so it is estimated once, however many
/// pools it is held against.
/// </summary>
internal sealed class JobAtCounts(PlanRequest request)
{
    private readonly Dictionary<long, JobAtCount> _known = [];

    public JobAtCount this[long world]
    {
        get
        {
            if (!_known.TryGetValue(world, out var known))
                _known.Add(world, known = Of(request.DataIsAuto ? WithWorld(request.Job, world) : request.Job));
            return known;
        }
    }

    private static JobAtCount Of(JobSpec job)
    {
        var estimate = MemoryEstimator.TryEstimate(job, out var problems);
        return new JobAtCount(job, estimate, problems);
    }

    private static JobSpec WithWorld(JobSpec job, long world) =>
        job with { Parallelism = job.Parallelism with { Data = checked((int)(world / job.Parallelism.ModelParallelSize)) } };
}

/// <param name="Job">The job with its data parallel size filled in.</param>
/// <param name="Estimate">Null when <paramref name="Problems"/> has entries.</param>
/// <param name="Problems">Why the job cannot be at this count.</param>
internal sealed record JobAtCount(JobSpec Job, Estimate? Estimate, IReadOnlyList<JobProblem> Problems);
