using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;
using GpuMem.Estimation.Ranks;
using GpuMem.Estimation.States;

namespace GpuMem.Estimation.Tests.States;

public sealed class OptimizerStateTests
{
    private const long Parameters = 8_030_261_248;

    private static readonly ParameterTally Llama = ParameterTally.Of(Example.Llama8B, PipelineStage.Whole(Example.Llama8B), new RankShape(Example.Llama8B, 1));

    [Fact]
    public void GaLore_projects_every_matrix_of_a_block()
    {
        // 8B at rank 1024: m·r + 2·n·r per matrix of m × n, m the shorter side.
        var perLayer = GaLoreState.ElementsPerLayer(Example.Llama8B, new RankShape(Example.Llama8B, 1), 1024);
        var rest = 2 * (Llama.Total - Llama.Matrices);
        Assert.Equal(6_732_390_400, (perLayer * 32) + rest);
    }

    [Theory]
    [InlineData(DataType.FP32, 25.08)]
    [InlineData(DataType.BF16, 12.54)]
    public void GaLore_keeps_its_projections_in_the_type_of_moments(DataType type, double gib)
    {
        var job = Job(Optimizer.GaLore) with { };
        var types = new DataTypes { Compute = DataType.BF16, Weights = DataType.BF16, Gradients = DataType.BF16, Moments = type };
        job = job with { Training = job.Training with { OptimizerRank = 1024, DataTypes = types } };
        Assert.Equal(gib, new Bytes(States(job)).GiB, tolerance: 0.006);
    }

    [Fact]
    public void GaLore_of_full_rank_needs_no_more_than_Adam()
    {
        var job = Job(Optimizer.GaLore);
        Assert.Equal(States(Job(Optimizer.AdamW)), States(job with { Training = job.Training with { OptimizerRank = 65_536 } }));
    }

    [Fact]
    public void Eight_bit_states_take_two_bytes_and_an_eighth_of_a_quarter()
    {
        var tally = new ParameterTally(1 << 20, 1 << 20, 0, 0, 2048);
        Assert.Equal((1 << 20) * 2.03125, OptimizerState.Of(Optimizer.AdamW8bit, tally, moment: 4, wideEmbedding: false).Whole);
        Assert.Equal((1 << 20) * 1.015625, OptimizerState.Of(Optimizer.Lion8bit, tally, moment: 4, wideEmbedding: false).Whole);
        Assert.Equal((1 << 20) * 1.0625, OptimizerState.Of(Optimizer.AdamW4bit, tally, moment: 4, wideEmbedding: false).Whole);
    }

    [Theory]
    [InlineData(Optimizer.Sophia, 8 * Parameters)]
    [InlineData(Optimizer.AdEMAMix, 12 * Parameters)]
    [InlineData(Optimizer.AdamMini, 4 * Parameters)]
    [InlineData(Optimizer.CAME, (4 * Parameters) + (2 * 12_609_536))]
    [InlineData(Optimizer.AdaLomo, 12_609_536)]
    [InlineData(Optimizer.LOMO, 0)]
    [InlineData(Optimizer.PagedAdamW, 0)]
    public void State_is_what_the_paper_says(Optimizer optimizer, long bytes) =>
        Assert.Equal(bytes, OptimizerState.Of(optimizer, Llama, moment: 4, wideEmbedding: false).Whole);

    [Fact]
    public void Every_optimizer_is_explained() => Assert.All(Enum.GetValues<Optimizer>(), optimizer =>
        Assert.All(MemoryEstimator.Estimate(Job(optimizer)).Terms, term => Assert.NotEmpty(term.Formula + term.Numbers + term.Source)));

    private static long States(JobSpec job) => new ModelStates(new RankContext(job, 0)).Optimizer.Expected;

    private static JobSpec Job(Optimizer optimizer)
    {
        var job = Example.Job(Example.Llama8B, TrainingFramework.DDP, sharding: Sharding.None);
        return job with { Training = job.Training with { Optimizer = optimizer } };
    }
}
