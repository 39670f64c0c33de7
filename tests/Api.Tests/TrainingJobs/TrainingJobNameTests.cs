using GpuMem.Api.TrainingJobs;

namespace GpuMem.Api.Tests.TrainingJobs;

public sealed class TrainingJobNameTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("llama-8b-sft")]
    [InlineData(null)]
    public void Labels_of_dns_are_good_names(string? name) => Assert.Null(TrainingJobName.Problem(name));

    [Theory]
    [InlineData("")]
    [InlineData("8b")]
    [InlineData("Llama")]
    [InlineData("llama.8b")]
    [InlineData("llama-")]
    [InlineData("läma")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void Others_are_told_why(string name) => Assert.Contains("DNS label", TrainingJobName.Problem(name), StringComparison.Ordinal);
}
