using GpuMem.Catalogues.Models;
using GpuMem.Estimation;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;

namespace GpuMem.Catalogues.Tests.Models;

public sealed class TypicalShapeTests
{
    [Theory]
    [InlineData("7B", 7e9)]
    [InlineData("1.5b", 1.5e9)]
    [InlineData(" 70B ", 70e9)]
    [InlineData("405B", 405e9)]
    [InlineData("350M", 350e6)]
    [InlineData("7000000000", 7e9)]
    [InlineData("1T", 1e12)]
    public void A_size_becomes_a_model_of_about_that_size(string text, double parameters)
    {
        var model = TypicalShape.Of(text);
        Assert.InRange(model.Parameters, 0.97 * parameters, 1.05 * parameters);
        Assert.Equal(ModelKnowledge.ParameterCountOnly, model.Knowledge);
    }

    [Theory]
    [InlineData("")]
    [InlineData("B")]
    [InlineData("-7B")]
    [InlineData("7BB")]
    [InlineData("1e999999")]
    [InlineData("1e9B")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("99999999999999999999999B")]
    [InlineData("0B")]
    [InlineData("11T")]
    [InlineData("99M")]
    [InlineData("7,000,000,000")]
    public void A_text_that_is_no_size_is_refused(string text) =>
        Assert.Throws<ModelFormatException>(() => TypicalShape.Of(text));

    [Fact]
    public void A_guessed_model_gives_wide_bounds_low_confidence_and_says_why()
    {
        var estimate = MemoryEstimator.Estimate(new JobSpec { Model = TypicalShape.Of("7B"), Training = new TrainingSpec { SequenceLength = 4096 }, Parallelism = new ParallelismSpec { Data = 8 } });
        Assert.Equal(Confidence.Low, estimate.Confidence);
        Assert.Contains(estimate.Assumptions, assumption => assumption.Contains("number of parameters", StringComparison.Ordinal));
        Assert.True(estimate.UpperBound.Value > 1.4 * estimate.Expected.Value);
    }
}
