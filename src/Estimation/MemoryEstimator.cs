using GpuMem.Estimation.Jobs;

namespace GpuMem.Estimation;

/// <summary>The one way into the engine.</summary>
public static class MemoryEstimator
{
    /// <summary>Every reason why <paramref name="job"/> cannot be; empty when it can.</summary>
    public static IReadOnlyList<JobProblem> Validate(JobSpec job) => throw new NotImplementedException();

    /// <exception cref="InvalidJobException">The job has problems, see <see cref="Validate"/>, or its size leaves 63 bits.</exception>
    public static Estimate Estimate(JobSpec job) => throw new NotImplementedException();
}
