using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;
using GpuMem.Estimation.Ranks;

namespace GpuMem.Estimation.Tests.Ranks;

public sealed class ExpertParallelTests
{
    private static readonly ModelArchitecture Mixtral = Example.Model("mistralai/Mixtral-8x7B-v0.1");

    private static readonly ModelArchitecture DeepSeekV3 = Example.Model("deepseek-ai/DeepSeek-V3");

    [Theory]
    [InlineData(1, 46_702_792_704)]
    [InlineData(2, 24_154_214_400)]
    [InlineData(4, 12_879_925_248)]
    [InlineData(8, 7_242_780_672)]
    public void Expert_parallelism_divides_experts_and_nothing_else(int expert, long parameters) =>
        Assert.Equal(parameters, Rank(Mixtral, new ParallelismSpec { Data = 8, Expert = expert }).Base.Total);

    [Fact]
    public void Routers_norms_and_latent_down_projections_are_whole_on_every_tensor_parallel_rank()
    {
        const long down = 7168 * (1536L + 512 + 64);
        const long norms = (2 * 7168) + 1536 + 512;
        var layer = LayerTally.Of(DeepSeekV3, new RankShape(DeepSeekV3, 8), LayerKind.Experts).Total;
        var whole = LayerTally.Of(DeepSeekV3, new RankShape(DeepSeekV3, 1), LayerKind.Experts).Total;
        const long routerWeights = (7168 * 256) + 256;
        Assert.Equal(whole - down - norms - routerWeights, 8 * (layer - down - norms - routerWeights));
    }

    [Fact]
    public void Leading_dense_layers_lie_on_the_first_stage()
    {
        var first = LayerCounts.Of(DeepSeekV3, PipelineStage.Of(DeepSeekV3, 0, 4));
        var last = LayerCounts.Of(DeepSeekV3, PipelineStage.Of(DeepSeekV3, 3, 4));
        Assert.Equal(new LayerCounts(3, 13, 0, 0), first);
        Assert.Equal(new LayerCounts(0, 15, 0, 0), last);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(7)]
    public void The_stages_of_a_pipeline_hold_every_layer_once(int stages)
    {
        var all = Enumerable.Range(0, stages).Select(stage => LayerCounts.Of(DeepSeekV3, PipelineStage.Of(DeepSeekV3, stage, stages))).ToList();
        Assert.Equal((3, 58), (all.Sum(counts => counts.Dense), all.Sum(counts => counts.Experts)));
    }

    [Fact]
    public void An_encoder_comes_before_its_decoder()
    {
        var model = Example.Model("google-t5/t5-large");
        Assert.Equal(new LayerCounts(0, 0, 24, 0), LayerCounts.Of(model, PipelineStage.Of(model, 0, 2)));
        Assert.Equal(new LayerCounts(24, 0, 0, 0), LayerCounts.Of(model, PipelineStage.Of(model, 1, 2)));
    }

    [Theory]
    [InlineData(TrainingFramework.PyTorchFSDP, Sharding.Full)]
    [InlineData(TrainingFramework.DeepSpeed, Sharding.Full)]
    public void Fully_sharded_states_do_not_depend_on_expert_parallelism(TrainingFramework framework, Sharding sharding)
    {
        // What expert parallelism divides first, there are fewer replicas to divide over.
        var whole = Estimate(1);
        Assert.Equal(whole, Estimate(8));

        long Estimate(int expert)
        {
            var job = Example.Job(Mixtral, framework, data: 16, sharding: sharding);
            return MemoryEstimator.Estimate(job with { Parallelism = job.Parallelism with { Expert = expert } }).LowerBound.Value;
        }
    }

    [Fact]
    public void Megatron_divides_expert_states_over_the_replicas_that_experts_have()
    {
        // (6 + 12/16) bytes for dense parameters, (6 + 12/2) for experts of which two replicas remain.
        var job = Example.Job(Mixtral, TrainingFramework.Megatron, data: 16, sharding: Sharding.Optimizer);
        var states = MemoryEstimator.Estimate(job with { Parallelism = job.Parallelism with { Expert = 8 } }).States();
        const long dense = 1_605_636_096;
        const long experts = 5_637_144_576;
        Assert.Equal((dense * 27 / 4) + (experts * 12), states.Value);
    }

    [Theory]
    [InlineData(3, 1, 24, "8 experts cannot be divided by 3")]
    [InlineData(8, 1, 12, "8 does not divide")]
    public void Expert_degrees_that_cannot_be_are_refused_with_those_that_can(int expert, int tensor, int data, string reason)
    {
        var job = Example.Job(Mixtral, data: data, tensor: tensor);
        var problem = Assert.Single(MemoryEstimator.Validate(job with { Parallelism = job.Parallelism with { Expert = expert } }));
        Assert.Equal("parallelism.expert", problem.Path);
        Assert.Contains(reason, problem.Message, StringComparison.Ordinal);
        Assert.Contains("use 1, 2", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Experts_may_take_the_tensor_parallel_ranks_and_then_stay_whole()
    {
        var rank = Rank(Mixtral, new ParallelismSpec { Tensor = 8, Expert = 8 });
        Assert.Equal((1, 14_336), (rank.Shape.Experts, rank.Shape.ExpertSize));
    }

    private static RankContext Rank(ModelArchitecture model, ParallelismSpec parallelism) =>
        new(Example.Job(model, TrainingFramework.Megatron, sharding: Sharding.None) with { Parallelism = parallelism }, stage: 0);
}
