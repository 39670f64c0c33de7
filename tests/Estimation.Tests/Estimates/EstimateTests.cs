using GpuMem.Estimation.Jobs;

namespace GpuMem.Estimation.Tests.Estimates;

public sealed class EstimateTests
{
    [Fact]
    public void Llama_8B_fully_sharded_over_eight_with_full_recompute_is_near_what_torchtitan_measured()
    {
        // pytorch/torchtitan, 8 GPUs, sequence 8192, full activation checkpointing: 32.1 GiB reserved.
        var estimate = MemoryEstimator.Estimate(Example.Job(Example.Llama8B, data: 8));
        Assert.InRange(estimate.Reserved.GiB, 0.95 * 32.1, 1.05 * 32.1);
        Assert.True(estimate.LowerBound.GiB < 32.1 && estimate.UpperBound.GiB > 32.1);
    }

    [Theory]
    [InlineData("0.0", 8, 1, true, 47.7)]
    [InlineData("0.2", 8, 1, false, 47.82)]
    [InlineData("0.0", 8, 2, true, 77.0)]
    [InlineData("0.0", 128, 2, true, 62.0)]

    // With the loss compiled, too: 8 bytes of 2.1 thousand million logits less.
    [InlineData("0.1", 32, 2, true, 47.96)]
    [InlineData("0.1", 64, 2, true, 46.97)]
    public void Llama_8B_with_per_operator_selection_is_within_a_tenth_of_what_torchtitan_reserved(string version, int ranks, int batch, bool compiled, double gib)
    {
        var job = Example.Job(Example.Llama8B, data: ranks, recompute: Recompute.Selective);
        var estimate = MemoryEstimator.Estimate(job with { Training = job.Training with { Trainer = Trainer.Torchtitan, TrainerVersion = version, MicroBatchSize = batch, FusedKernels = compiled } });
        Assert.InRange(estimate.Reserved.GiB, 0.9 * gib, 1.1 * gib);
        Assert.True(estimate.UpperBound.GiB > gib);
    }

    [Fact]
    public void Seventy_billion_do_not_fit_eight_24_GiB_cards_and_fit_sixty_four_H100()
    {
        Assert.True(MemoryEstimator.Estimate(Example.Job(Example.Llama70B, data: 8)).LowerBound.GiB > 24);
        Assert.True(MemoryEstimator.Estimate(Example.Job(Example.Llama70B, data: 64)).UpperBound.GiB < 79);
    }

    [Fact]
    public void Quantised_tuning_of_8B_fits_a_card_of_24_GiB()
    {
        var training = new TrainingSpec { Method = TrainingMethod.QLoRA, Framework = TrainingFramework.HuggingFace, SequenceLength = 2048, Recompute = Recompute.Full };
        var estimate = MemoryEstimator.Estimate(new JobSpec { Model = Example.Llama8B, Training = training });
        Assert.InRange(estimate.UpperBound.GiB, 8, 23);
        Assert.Equal(7.27, estimate.Size(TermKind.Weights).GiB, tolerance: 0.01);
    }

    [Fact]
    public void A_job_of_which_everything_is_known_has_high_confidence_and_no_assumptions()
    {
        var job = Example.Job(Example.Llama8B, data: 8);
        var estimate = MemoryEstimator.Estimate(job with { Training = job.Training with { FusedKernels = true } });
        Assert.Equal((Confidence.High, 0), (estimate.Confidence, estimate.Assumptions.Count));
    }

    [Fact]
    public void Every_term_is_explained_with_formula_numbers_and_source()
    {
        foreach (var framework in Enum.GetValues<TrainingFramework>())
        {
            foreach (var method in Enum.GetValues<TrainingMethod>())
            {
                var job = Example.Job(Example.Llama8B, framework, data: 4, sharding: Sharding.None, tensor: 2, pipeline: 2);
                var estimate = MemoryEstimator.Estimate(job with { Training = job.Training with { Method = method } });
                Assert.All(estimate.Terms, term => Assert.All((string[])[term.Formula, term.Numbers, term.Source], Assert.NotEmpty));
            }
        }
    }

    [Fact]
    public void The_numbers_of_a_term_are_those_of_the_job()
    {
        var weights = MemoryEstimator.Estimate(Example.Job(Example.Llama8B, data: 8)).Terms.Single(term => term.Kind == TermKind.Weights);
        Assert.Equal("4 B · 8,030,261,248 / 8", weights.Numbers);
    }

    [Fact]
    public void An_estimate_that_nobody_reads_costs_under_two_kilobytes()
    {
        var job = Example.Job(Example.Llama8B, data: 8);
        MemoryEstimator.Estimate(job);
        var before = GC.GetAllocatedBytesForCurrentThread();
        const int times = 100;
        for (var i = 0; i < times; i++)
            MemoryEstimator.Estimate(job);
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / times, 0, 2048);
    }
}
