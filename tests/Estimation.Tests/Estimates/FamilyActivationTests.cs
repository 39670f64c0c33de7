using GpuMem.Estimation.Activations;
using GpuMem.Estimation.Arithmetic;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;
using GpuMem.Estimation.Ranks;

namespace GpuMem.Estimation.Tests.Estimates;

public sealed class FamilyActivationTests
{
    [Theory]
    [InlineData("mistralai/Mixtral-8x7B-v0.1", 204_864)]
    [InlineData("Qwen/Qwen3-30B-A3B", 103_424)]
    [InlineData("deepseek-ai/DeepSeek-V3", 342_016)]
    public void Experts_keep_each_token_once_for_every_expert_that_works_on_it(string name, long bytes)
    {
        var model = Example.Model(name);
        var kept = ExpertActivations.Of(model.Experts!, new RankShape(model, 1), Ratio.Whole(1), perWidth: 6);
        Assert.Equal(bytes, kept.Hidden + kept.Local);
    }

    // Megatron's experts keep no results, and its router and dispatcher more than 8 bytes per expert: 10 for each and 22 for each that is picked.
    [Theory]
    [InlineData("mistralai/Mixtral-8x7B-v0.1", 204_864 - (2 * 2 * 4096) + 53_376 + (2 * 8) + (22 * 2))]
    [InlineData("deepseek-ai/DeepSeek-V3", 342_016 - (2 * 8 * 7168) + 230_016 + (2 * 256) + (22 * 8))]
    public void A_layer_with_experts_keeps_what_its_attention_keeps_besides(string name, long bytes) => Assert.Equal(bytes, OneLayer(name));

    [Fact]
    public void All_layers_of_Mixtral_keep_thirty_two_times_one()
    {
        var job = Example.Job(Example.Model("mistralai/Mixtral-8x7B-v0.1"), TrainingFramework.Megatron, sharding: Sharding.None, sequenceLength: 4096, recompute: Recompute.None);
        Assert.Equal(29.53, new Bytes(Activations(job).Stored.Expected).GiB, tolerance: 0.01);
    }

    [Theory]
    [InlineData(1, 1.0, 1.0)]
    [InlineData(2, 1.1, 2.0)]
    [InlineData(8, 1.1, 2.0)]
    public void Imbalance_appears_with_expert_parallelism_only(int expert, double expected, double worst)
    {
        var (usual, most) = ExpertActivations.Imbalance(Example.Model("mistralai/Mixtral-8x7B-v0.1"), new ParallelismSpec { Expert = expert });
        Assert.Equal(expected, (double)usual.Numerator / usual.Denominator, tolerance: 1e-9);
        Assert.Equal(worst, (double)most.Numerator / most.Denominator, tolerance: 1e-9);
    }

    [Theory]
    [InlineData(8, 100, false, 1.0, 1.0)]
    [InlineData(8, 125, false, 1.1, 1.25)]
    [InlineData(8, 400, false, 1.1, 2.0)]
    [InlineData(1, 80, false, 0.8, 0.8)]
    [InlineData(8, 125, true, 1.25, 1.25)]
    [InlineData(1, 125, true, 1.25, 1.25)]
    public void A_capacity_bounds_the_load_and_padding_fills_it_up(int expert, int percent, bool padding, double expected, double worst)
    {
        var layout = new ParallelismSpec { Expert = expert, ExpertCapacityPercent = percent, ExpertPadding = padding };
        var (usual, most) = ExpertActivations.Imbalance(Example.Model("mistralai/Mixtral-8x7B-v0.1"), layout);
        Assert.Equal(expected, (double)usual.Numerator / usual.Denominator, tolerance: 1e-9);
        Assert.Equal(worst, (double)most.Numerator / most.Denominator, tolerance: 1e-9);
    }

    [Fact]
    public void A_decoder_beside_an_encoder_keeps_more_than_the_encoder()
    {
        var job = Example.Job(Example.Model("google-t5/t5-large"), TrainingFramework.Megatron, sharding: Sharding.None, sequenceLength: 512, recompute: Recompute.None);
        var rank = new RankContext(job, 0);
        var decoder = LayerActivations.Fused(job.Model, rank.Shape, LayerKind.Dense, Ratio.Whole(1));
        var encoder = LayerActivations.Fused(job.Model, rank.Shape, LayerKind.Encoder, Ratio.Whole(1));

        // One more norm with its branch, queries and output, keys and values of as many encoder tokens.
        Assert.Equal((4 * 1024) + (8 * 1024), decoder.Hidden + decoder.Local - encoder.Hidden - encoder.Local);
    }

    [Fact]
    public void Relative_positions_keep_a_matrix_over_all_pairs_of_tokens()
    {
        var model = Example.Model("google-t5/t5-small");
        var with = Activations(Job(model, 1024)).Stored.Expected;
        var without = Activations(Job(model with { RelativePositionBuckets = 0 }, 1024)).Stored.Expected;
        Assert.Equal(2 * 2 * 8 * 1024 * 1024, with - without);
    }

    private static long OneLayer(string name) => Activations(Job(Example.Model(name), 1)).OneLayer.Expected;

    private static JobSpec Job(ModelArchitecture model, long sequence) =>
        Example.Job(model, TrainingFramework.Megatron, sharding: Sharding.None, sequenceLength: sequence, recompute: Recompute.None);

    private static ActivationMemory Activations(JobSpec job) => new(new RankContext(job, 0));
}
