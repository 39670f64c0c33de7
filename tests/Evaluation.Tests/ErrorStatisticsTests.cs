using GpuMem.Evaluation;

namespace GpuMem.Evaluation.Tests;

public sealed class ErrorStatisticsTests
{
    [Fact]
    public void Errors_are_told_by_size_and_bias_by_sign()
    {
        var statistics = ErrorStatistics.Of([-0.10, 0.02, 0.03, -0.01, 0.01])!;
        Assert.Equal(5, statistics.Count);
        Assert.Equal(0.02, statistics.Median, tolerance: 1e-12);
        Assert.Equal(-0.10, statistics.Worst, tolerance: 1e-12);
        Assert.Equal(-0.01, statistics.Bias, tolerance: 1e-12);
    }

    [Theory]
    [InlineData(10, 0.91)]
    [InlineData(100, 0.901)]
    public void The_ninetieth_percentile_lies_between_ranks(int count, double expected) =>
        Assert.Equal(expected, ErrorStatistics.Of(Enumerable.Range(1, count).Select(i => (double)i / count))!.NinetiethPercentile, tolerance: 1e-9);

    [Fact]
    public void Of_nothing_there_are_no_statistics() => Assert.Null(ErrorStatistics.Of([]));
}
