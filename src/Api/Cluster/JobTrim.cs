using GpuMem.Api.TrainingJobs;

namespace GpuMem.Api.Cluster;

/// <summary>Drops what nobody reads of a TrainingJob. kubectl's own annotation holds the whole manifest once more.</summary>
internal static class JobTrim
{
    public static TrainingJob Trim(TrainingJob job)
    {
        job.Metadata.Annotations = null;
        return job;
    }
}
