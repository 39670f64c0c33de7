using GpuMem.Estimation;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning;

/// <summary>
/// A job at the GPU counts that it is asked about. What it needs there is no matter of the pool, so it is estimated once, however many
/// pools it is held against.
/// </summary>
internal sealed class JobAtCounts(PlanRequest request)
{
    // Of a layout among hundreds few counts are asked, of the only one of a job many.
    private const int Few = 8;
    private JobAtCount? _latest;
    private Dictionary<long, JobAtCount>? _others;

    public JobAtCount this[long world]
    {
        get
        {
            if (Known(world) is { } known)
                return known;
            var job = request.DataIsAuto ? WithWorld(request.Job, world) : request.Job;
            var estimate = MemoryEstimator.TryEstimate(job, out var problems);
            var asked = new JobAtCount(world, job, estimate, problems, _latest);
            if (_latest is { Place: Few - 1 })
                (_others ??= []).Add(world, asked);
            else
                _latest = asked;
            return asked;
        }
    }

    /// <summary>The job where it was asked about; null elsewhere.</summary>
    public JobAtCount? Known(long world)
    {
        for (var known = _latest; known is not null; known = known.Earlier)
        {
            if (known.World == world)
                return known;
        }

        return _others?.GetValueOrDefault(world);
    }

    private static JobSpec WithWorld(JobSpec job, long world) =>
        job with { Parallelism = job.Parallelism with { Data = checked((int)(world / job.Parallelism.ModelParallelSize)) } };
}

/// <param name="World">GPUs in all.</param>
/// <param name="Job">The job with its data parallel size filled in.</param>
/// <param name="Estimate">Null when <paramref name="Problems"/> has entries.</param>
/// <param name="Problems">Why the job cannot be at this count.</param>
/// <param name="Earlier">The count that was asked about before.</param>
internal sealed record JobAtCount(long World, JobSpec Job, Estimate? Estimate, IReadOnlyList<JobProblem> Problems, JobAtCount? Earlier)
{
    /// <summary>How many were asked about before.</summary>
    public int Place => Earlier is null ? 0 : Earlier.Place + 1;
}
