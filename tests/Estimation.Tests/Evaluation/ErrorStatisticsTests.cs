using GpuMem.Estimation.Evaluation;

namespace GpuMem.Estimation.Tests.Evaluation;

public sealed class ErrorStatisticsTests
{
    [Fact]
    public void Nothing_has_no_statistics() => Assert.Null(ErrorStatistics.Of([]));

    [Fact]
    public void One_error_is_all_of_them() => Assert.Equal(new ErrorStatistics(1, 0.25, 0.25, -0.25, -0.25), ErrorStatistics.Of([-0.25]));

    [Fact]
    public void Median_and_percentile_are_of_absolute_errors_and_interpolated()
    {
        var statistics = ErrorStatistics.Of([0.5, -0.1, 0.2, -0.4])!;
        Assert.Equal(4, statistics.Count);
        Assert.Equal(0.3, statistics.Median, tolerance: 1e-12);
        Assert.Equal(0.47, statistics.NinetiethPercentile, tolerance: 1e-12);
    }

    [Fact]
    public void Bias_is_the_mean_with_signs_and_the_worst_keeps_its_own()
    {
        var statistics = ErrorStatistics.Of([0.1, -0.3, 0.05])!;
        Assert.Equal(-0.05, statistics.Bias, tolerance: 1e-12);
        Assert.Equal(-0.3, statistics.Worst);
    }
}
