using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Estimation.Tests.Jobs;

public sealed class ValidationProperties
{
    [Property(MaxTest = 10_000, Arbitrary = [typeof(WildJobs)])]
    public bool Validate_never_throws_and_Estimate_throws_exactly_when_there_are_problems(JobSpec job)
    {
        var isSound = MemoryEstimator.Validate(job).Count == 0;
        try
        {
            MemoryEstimator.Estimate(job);
            return isSound;
        }
        catch (InvalidJobException)
        {
            return !isSound;
        }
    }

    private static class WildJobs
    {
        public static Arbitrary<JobSpec> Jobs => JobGenerator.Wild.ToArbitrary();
    }
}
