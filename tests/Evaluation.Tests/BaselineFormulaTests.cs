using GpuMem.Evaluation.Baselines;

namespace GpuMem.Evaluation.Tests;

public sealed class BaselineFormulaTests
{
    private const double Parameters = 8_030_261_248;

    [Fact]
    public void Sixteen_bytes_per_parameter_are_divided_where_states_are() =>
        Assert.Equal(16 * Parameters / 8, SixteenBytesPerParameter.PerGpu(ExampleCase.Parse()));

    [Fact]
    public void Sixteen_bytes_per_parameter_stay_whole_without_sharding() =>
        Assert.Equal(16 * Parameters, SixteenBytesPerParameter.PerGpu(ExampleCase.Parse(("sharding.fsdp", "\"None\""))));

    [Fact]
    public void DeepSpeed_counts_the_largest_module_beside_the_shards() =>
        Assert.Equal(Math.Truncate((4 * 128_256.0 * 4096) + (18 * Parameters / 8)), DeepSpeedEstimators.PerGpu(ExampleCase.Parse()));

    [Fact]
    public void DeepSpeed_estimates_the_first_stage_by_the_second() => Assert.Equal(
        DeepSpeedEstimators.Zero2(Parameters, 8, 1, offloadOptimizer: false).Gpu,
        DeepSpeedEstimators.PerGpu(ExampleCase.Parse(("sharding", """{ "zeroStage": 1, "fsdp": "None", "distributedOptimizer": false }"""))));

    [Fact]
    public void Megatron_counts_layers_embeddings_activations_and_logits()
    {
        // megatron/training/theoretical_memory_usage.py, line by line, for 8 billion parameters over eight ranks.
        const double hidden = 4096, layers = 32, width = 14336, vocabulary = 128_256, tokens = 8192;
        var blocks = 2 * layers * hidden * hidden * (1 + (8 / 32.0) + (width / hidden * 1.5) + (2 / hidden) + (1 / (layers * hidden)));
        var states = (blocks + (2 * hidden * vocabulary)) * (6 + (12 / 8.0));
        var activations = (tokens * hidden * (18 + (4 * width / hidden)) * layers) + (8 * tokens) + (tokens * hidden) + (tokens * hidden * 4 * (1 + (vocabulary / hidden)));
        Assert.Equal(states + activations, MegatronTheory.PerGpu(ExampleCase.Parse()), tolerance: 1e-3);
    }

    [Fact]
    public void Megatron_keeps_eighteen_bytes_without_its_distributed_optimizer()
    {
        var sharded = MegatronTheory.PerGpu(ExampleCase.Parse());
        var whole = MegatronTheory.PerGpu(ExampleCase.Parse(("sharding.fsdp", "\"None\"")));
        Assert.Equal((18 - 7.5) * Parameters, whole - sharded, tolerance: 0.001 * Parameters);
    }
}
