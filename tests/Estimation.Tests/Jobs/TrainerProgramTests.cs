using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Programs;

namespace GpuMem.Estimation.Tests.Jobs;

public sealed class TrainerProgramTests
{
    private const string Experimental = "one publisher's runs alone";

    public static TheoryData<Trainer> Trainers => [.. Enum.GetValues<Trainer>()];

    [Theory]
    [MemberData(nameof(Trainers))]
    public void The_table_knows_every_program_with_its_releases_in_order(Trainer trainer)
    {
        var program = TrainerProgram.Find(trainer);
        var releases = program!.Releases.Select(release => release.Number).ToArray();

        Assert.Equal(trainer, program.Trainer);
        Assert.NotNull(program.Defaults.Framework);
        Assert.All(releases.Zip(releases.Skip(1)), pair => Assert.True(TrainerVersions.Compare(pair.First, pair.Second) < 0));
    }

    [Fact]
    public void Where_no_program_is_named_the_frameworks_usual_one_runs()
    {
        var job = Example.Job(Example.Llama8B, data: 8);
        var named = MemoryEstimator.Estimate(job with { Training = job.Training with { Trainer = Trainer.Torchtitan } });

        Assert.Equal(named.Expected, MemoryEstimator.Estimate(job).Expected);
    }

    [Fact]
    public void A_program_that_one_publisher_measured_lowers_the_confidence_where_it_is_named()
    {
        var job = Example.Job(Example.Llama8B, data: 8);
        job = job with { Training = job.Training with { FusedKernels = true } };
        var named = MemoryEstimator.Estimate(job with { Training = job.Training with { Trainer = Trainer.Torchtitan } });

        Assert.Equal((Confidence.High, 0), (MemoryEstimator.Estimate(job).Confidence, MemoryEstimator.Estimate(job).Assumptions.Count));
        Assert.Equal(Confidence.Medium, named.Confidence);
        Assert.Equal(["What Torchtitan keeps is known from one publisher's runs alone; the bounds are as wide as those runs ask for."], named.Assumptions);
    }

    [Fact]
    public void Programs_that_share_their_other_assumptions_are_named_each_by_its_own_name()
    {
        var job = Example.Job(Example.Llama8B, data: 8);
        Assert.All([Trainer.Torchtitan, Trainer.Torchtune], trainer => Assert.Contains(
            MemoryEstimator.Estimate(job with { Training = job.Training with { Trainer = trainer } }).Assumptions,
            assumption => assumption.Contains($"{trainer} keeps", StringComparison.Ordinal) && assumption.Contains(Experimental, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(Trainer.Torchtitan, TrainingMethod.LoRA)]
    [InlineData(Trainer.HuggingFace, TrainingMethod.Full)]
    public void Adapters_and_programs_that_several_publishers_measured_are_told_nothing_of_it(Trainer trainer, TrainingMethod method)
    {
        var job = Example.Job(Example.Llama8B, data: 8);
        var estimate = MemoryEstimator.Estimate(job with { Training = job.Training with { Trainer = trainer, Method = method } });

        Assert.DoesNotContain(estimate.Assumptions, assumption => assumption.Contains(Experimental, StringComparison.Ordinal));
    }

    [Fact]
    public void An_estimate_of_a_named_program_allocates_as_little_as_any()
    {
        var job = Example.Job(Example.Llama8B, data: 8);
        job = job with { Training = job.Training with { Trainer = Trainer.Torchtitan } };
        MemoryEstimator.Estimate(job);
        var before = GC.GetAllocatedBytesForCurrentThread();
        const int times = 100;
        for (var i = 0; i < times; i++)
            MemoryEstimator.Estimate(job);
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / times, 0, 2048);
    }
}
