using FsCheck;
using FsCheck.Fluent;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Estimation.Tests;

/// <summary>Jobs that have an estimate, for the properties that ask for it.</summary>
public static class SoundJobs
{
    public static Arbitrary<JobSpec> Jobs => JobGenerator.Sound.ToArbitrary();
}
