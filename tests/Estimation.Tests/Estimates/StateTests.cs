using GpuMem.Estimation.Arithmetic;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Ranks;
using GpuMem.Estimation.States;

namespace GpuMem.Estimation.Tests.Estimates;

public sealed class StateTests
{
    private const long Llama8BParameters = 8_030_261_248;
    private const long Llama70BParameters = 70_553_706_496;

    [Theory]
    [InlineData(TrainingFramework.PyTorchFSDP, Sharding.Full, Precision.BF16Mixed, 16)]
    [InlineData(TrainingFramework.HuggingFace, Sharding.None, Precision.BF16Mixed, 16)]
    [InlineData(TrainingFramework.DDP, Sharding.None, Precision.FP16Mixed, 16)]
    [InlineData(TrainingFramework.DDP, Sharding.None, Precision.FP32, 16)]
    [InlineData(TrainingFramework.DDP, Sharding.None, Precision.TF32, 16)]
    [InlineData(TrainingFramework.DDP, Sharding.None, Precision.BF16, 8)]
    [InlineData(TrainingFramework.Megatron, Sharding.None, Precision.BF16Mixed, 18)]
    [InlineData(TrainingFramework.Megatron, Sharding.None, Precision.FP16Mixed, 20)]
    [InlineData(TrainingFramework.DeepSpeed, Sharding.None, Precision.BF16Mixed, 20)]
    public void A_recipe_keeps_its_bytes_per_parameter(TrainingFramework framework, Sharding sharding, Precision precision, int bytes)
    {
        var job = Example.Job(Example.Llama8B, framework, sharding: sharding);
        Assert.Equal(bytes, StateRecipe.For(job with { Training = job.Training with { Precision = precision } }).Sum);
    }

    [Theory]
    [InlineData(1, 32, 308_672_465_920)]
    [InlineData(2, 32, 171_974_659_584)]
    [InlineData(3, 32, 35_276_853_248)]
    public void ZeRO_divides_states_as_its_paper_says(int stage, int ranks, long bytes)
    {
        // arXiv 1910.02054, figure 1: two bytes of weights, two of gradients, twelve of optimizer state.
        var parameters = Whole(Example.Llama70B).Total;
        Assert.Equal(bytes, Share(2, stage >= 3) + Share(2, stage >= 2) + Share(12, stage >= 1));

        long Share(int each, bool divided) => new Formula("", "", new(each, parameters), shards: divided ? ranks : 1).Bytes;
    }

    [Fact]
    public void Unsharded_mixed_precision_needs_sixteen_bytes_per_parameter()
    {
        var estimate = MemoryEstimator.Estimate(Example.Job(Example.Llama8B, TrainingFramework.HuggingFace, sharding: Sharding.None, sequenceLength: 128));
        Assert.Equal(128_484_179_968, estimate.LowerBound.Value);
    }

    [Fact]
    public void Fully_sharded_states_are_exactly_sixteen_bytes_per_parameter_over_the_ranks()
    {
        var estimate = MemoryEstimator.Estimate(Example.Job(Example.Llama8B, data: 8));
        Assert.Equal(16 * Llama8BParameters / 8, estimate.States().Value);
        Assert.Equal(16 * Llama8BParameters / 8, estimate.LowerBound.Value);
    }

    [Fact]
    public void Context_ranks_share_the_states_too()
    {
        var job = Example.Job(Example.Llama8B, data: 2) with { Parallelism = new() { Data = 2, Context = 4, Sharding = Sharding.Full } };
        Assert.Equal(16 * Llama8BParameters / 8, MemoryEstimator.Estimate(job).LowerBound.Value);
    }

    [Fact]
    public void Megatron_states_follow_its_distributed_optimizer()
    {
        var job = Example.Job(Example.Llama70B, TrainingFramework.Megatron, data: 2, sharding: Sharding.Optimizer, tensor: 8, pipeline: 2);
        var whole = ParameterTally.Of(Example.Llama70B, PipelineStage.Whole(Example.Llama70B), new RankShape(Example.Llama70B, 8)).Total;

        // Half the tensor-parallel rank is the mean of both stages; the last holds the final norm, 8192 parameters, more than the first. Each fills
        // its part of the vocabulary up from 16,032 to 16,128 rows.
        Assert.Equal(4_410_183_680, whole / 2);
        Assert.Equal(52_922_204_160, (6 + (12 / 2)) * (whole / 2));
        Assert.Equal(79_383_306_240, 18 * (whole / 2));
        Assert.Equal(12 * ((whole / 2) + (8192 / 2) + (96 * 8192)), MemoryEstimator.Estimate(job).LowerBound.Value);
    }

    [Theory]
    [InlineData(8, 1_004_015_616)]
    [InlineData(16, 518_918_144)]
    public void Tensor_parallel_ranks_repeat_key_value_heads_they_cannot_divide(int tensor, long parameters) =>
        Assert.Equal(parameters, ParameterTally.Of(Example.Llama8B, PipelineStage.Whole(Example.Llama8B), new RankShape(Example.Llama8B, tensor)).Total);

    [Fact]
    public void Quantised_weights_count_their_scales()
    {
        var tally = Whole(Example.Llama8B);
        Assert.Equal(6_979_321_856, tally.Matrices);
        Assert.Equal(5_702_295_552, FrozenWeights.Quantized(tally, quantization: null, head: 0, rest: 2).Whole);
        Assert.Equal(6_027_747_328, FrozenWeights.Quantized(tally, new QuantizationSpec(QuantizationScheme.NF4), head: 0, rest: 2).Whole);
    }

    [Theory]
    [InlineData(16, "", 41_943_040)]
    [InlineData(8, "q_proj,v_proj", 3_407_872)]
    public void Adapters_have_a_matrix_on_either_side(int rank, string targets, long parameters)
    {
        var names = targets.Split(',', StringSplitOptions.RemoveEmptyEntries);
        var adapters = Adapters.Of(Example.Llama8B, PipelineStage.Whole(Example.Llama8B), new RankShape(Example.Llama8B, 1), LoraTargetNames.Of(names), rank);
        Assert.Equal(parameters, adapters.Total);
    }

    [Theory]
    [InlineData(Optimizer.AdamW, 64_242_089_984)]
    [InlineData(Optimizer.SGD, 0)]
    [InlineData(Optimizer.SGDMomentum, 32_121_044_992)]
    [InlineData(Optimizer.Lion, 32_121_044_992)]
    [InlineData(Optimizer.Adafactor, 12_609_536)]
    [InlineData(Optimizer.Muon, 36_324_802_560)]
    [InlineData(Optimizer.PagedAdamW8bit, 0)]
    [InlineData(Optimizer.PagedAdamW, 0)]
    [InlineData(Optimizer.Sophia, 64_242_089_984)]
    [InlineData(Optimizer.AdEMAMix, 96_363_134_976)]
    [InlineData(Optimizer.AdamMini, 32_121_044_992)]
    [InlineData(Optimizer.LOMO, 0)]
    [InlineData(Optimizer.AdaLomo, 12_609_536)]
    [InlineData(Optimizer.CAME, 32_146_264_064)]
    public void Optimizer_state_is_what_its_paper_or_library_keeps(Optimizer optimizer, long bytes) =>
        Assert.Equal(bytes, OptimizerState.Of(optimizer, Whole(Example.Llama8B), moment: 4, wideEmbedding: false).Whole);

    [Theory]
    [InlineData(false, 15.19)]
    [InlineData(true, 18.11)]
    public void Eight_bit_states_are_two_bytes_and_scales_and_the_embedding_may_stay_wide(bool wideEmbedding, double gib)
    {
        var size = new Bytes(OptimizerState.Of(Optimizer.AdamW8bit, Whole(Example.Llama8B), moment: 4, wideEmbedding).Whole);
        Assert.Equal(gib, size.GiB, tolerance: 0.01);
    }

    [Fact]
    public void A_tied_embedding_is_held_twice_when_a_pipeline_divides_it()
    {
        var model = Example.Model("Llama-3.2-1B");
        var last = ParameterTally.Of(model, PipelineStage.Of(model, 1, 2), new RankShape(model, 1));
        Assert.Equal(128_256 * 2048L, last.Total - last.Matrices - last.Vectors);
    }

    [Fact]
    public void Least_memory_of_seventy_billion_on_thirty_two_ranks_is_a_half_of_its_sixteen()
    {
        Assert.Equal(Llama70BParameters / 2, MemoryEstimator.Estimate(Example.Job(Example.Llama70B, data: 32)).LowerBound.Value);
    }

    private static long Trained(LoraSpec lora) => new RankContext(
        new JobSpec { Model = Example.Llama8B, Training = new TrainingSpec { Method = TrainingMethod.LoRA, Framework = TrainingFramework.HuggingFace, SequenceLength = 512, Lora = lora } },
        stage: 0).Trained.Total;

    private static ParameterTally Whole(GpuMem.Estimation.Models.ModelArchitecture model) =>
        ParameterTally.Of(model, PipelineStage.Whole(model), new RankShape(model, 1));
}
