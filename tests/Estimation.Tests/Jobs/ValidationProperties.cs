using FsCheck;
using FsCheck.Fluent;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Estimation.Tests.Jobs;

public sealed class ValidationProperties
{
    [Fact]
    public void Validate_never_throws_and_Estimate_throws_exactly_when_there_are_problems() =>
        Check.One(Runs.TenThousand, Prop.ForAll(JobGenerator.Wild.ToArbitrary(), job =>
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
        }));
}
