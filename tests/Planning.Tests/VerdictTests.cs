using GpuMem.Estimation;

namespace GpuMem.Planning.Tests;

public sealed class VerdictTests
{
    private static readonly Estimate Estimate = Jobs.Sharded.WithData(8).Estimate();

    [Fact]
    public void A_gpu_as_large_as_the_upper_bound_fits() => Assert.Equal(Verdict.Fits, Decide(Estimate.UpperBound));

    [Fact]
    public void A_byte_less_than_the_upper_bound_is_a_risk() => Assert.Equal(Verdict.AtRisk, Decide(Estimate.UpperBound.Less()));

    [Fact]
    public void A_gpu_as_large_as_the_expected_size_is_a_risk() => Assert.Equal(Verdict.AtRisk, Decide(Estimate.Expected));

    [Fact]
    public void A_gpu_that_only_lacks_room_for_the_allocators_cache_is_a_risk() => Assert.Equal(Verdict.AtRisk, Decide(Estimate.Needed));

    [Fact]
    public void A_byte_less_than_what_is_in_use_at_once_does_not_fit() => Assert.Equal(Verdict.DoesNotFit, Decide(Estimate.Needed.Less()));

    [Fact]
    public void Without_a_known_memory_nothing_is_known() => Assert.Equal(Verdict.Unknown, Decide(null));

    [Theory]
    [InlineData(1)]
    [InlineData(50)]
    [InlineData(99)]
    public void Headroom_turns_a_fit_into_a_risk_and_never_into_a_rejection(int percent)
    {
        Assert.Equal(Verdict.AtRisk, Decide(Estimate.UpperBound, percent));
        Assert.Equal(Verdict.AtRisk, Decide(Estimate.Expected, percent));
    }

    [Fact]
    public void A_job_with_the_headroom_it_asks_for_fits() => Assert.Equal(Verdict.Fits, Decide(new Bytes(Estimate.UpperBound.Value * 2), 50));

    private static Verdict Decide(Bytes? usable, int headroom = 0) => VerdictRule.Decide(Estimate, usable, headroom);
}
