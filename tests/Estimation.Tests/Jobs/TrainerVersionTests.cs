using FsCheck.Xunit;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Programs;

namespace GpuMem.Estimation.Tests.Jobs;

public sealed class TrainerVersionTests
{
    [Theory]
    [InlineData(Trainer.HuggingFace, "5")]
    [InlineData(Trainer.HuggingFace, "5.8.1")]
    [InlineData(Trainer.HuggingFace, "4.44.0.dev0")]
    [InlineData(Trainer.Torchtune, "0.4.0")]
    public void A_release_that_is_known_is_told_nothing_of(Trainer trainer, string version) => Assert.Null(TrainerVersions.Assumed(trainer, version));

    [Theory]
    [InlineData(Trainer.HuggingFace, "6.1", "5")]
    [InlineData(Trainer.HuggingFace, "3", "4")]
    [InlineData(Trainer.HuggingFace, "0.9", "4")]
    [InlineData(Trainer.HuggingFace, "50", "5")]
    [InlineData(Trainer.Torchtune, "0.6.1", "0.4")]
    [InlineData(Trainer.Torchtune, "0.2", "0.1")]
    [InlineData(Trainer.Torchtune, "0.40", "0.4")]
    public void Another_release_is_taken_for_the_nearest_known_one_and_the_estimate_says_so(Trainer trainer, string version, string nearest)
    {
        var job = Example.Job(Example.Llama8B, TrainingFramework.HuggingFace, sharding: Sharding.None);
        job = job with { Training = job.Training with { Trainer = trainer, TrainerVersion = version } };
        var plain = MemoryEstimator.Estimate(job with { Training = job.Training with { TrainerVersion = nearest } });
        var estimate = MemoryEstimator.Estimate(job);

        Assert.Equal(plain.Expected, estimate.Expected);
        Assert.Contains($"{trainer} {version} is not known; it is taken to do what {nearest}, the nearest known release, does.", estimate.Assumptions);
    }

    [Fact]
    public void Programs_whose_releases_are_not_told_apart_say_that() =>
        Assert.Contains("not told apart", TrainerVersions.Assumed(Trainer.Composer, "0.9"), StringComparison.Ordinal);

    [Fact]
    public void Transformers_5_loads_a_checkpoint_in_its_own_type_and_steps_fused()
    {
        ProgramDefaults Of(string? version) => ProgramDefaults.Of(Trainer.HuggingFace, version, isOneGpu: false);
        var five = Of("5.8.1");
        Assert.Equal((Precision.BF16, OptimizerImplementation.Fused), (five.Precision, five.OptimizerImplementation));
        Assert.Equal(((Precision?)null, (OptimizerImplementation?)null), (Of("4.57").Precision, Of(null).OptimizerImplementation));
        Assert.Null(five.PrecisionOf(TrainingMethod.LoRA, TrainingFramework.HuggingFace, Sharding.None, fsdpVersion: null));
    }

    [Property]
    public bool No_text_is_too_strange_to_be_answered(string? text)
    {
        _ = TrainerVersions.Assumed(Trainer.HuggingFace, text ?? "");
        return TrainerVersions.IsVersion(text ?? "") == (text is { Length: > 0 and <= TrainerVersions.MaxLength } && char.IsAsciiDigit(text[0]));
    }
}
