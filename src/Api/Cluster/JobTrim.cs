using GpuMem.Api.TrainingJobs;

namespace GpuMem.Api.Cluster;

/// <summary>
/// Drops what nobody reads of a TrainingJob. kubectl's own annotation holds the whole manifest once more,
/// and conditions repeat the verdict's words.
/// </summary>
internal static class JobTrim
{
    public static TrainingJob Trim(TrainingJob job)
    {
        job.Metadata.Annotations = null;
        foreach (var condition in job.Status?.Conditions ?? [])
            if (condition.Message == job.Status!.Message)
                condition.Message = job.Status.Message;
        return job;
    }
}
