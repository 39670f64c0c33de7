using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Ranks;

namespace GpuMem.Estimation.Tests.Ranks;

public sealed class PipelineTests
{
    [Theory]
    [InlineData(8, 3, 1.2916667)]
    [InlineData(4, 8, 1.09375)]
    [InlineData(2, 2, 1.25)]
    public void Interleaved_chunks_keep_a_little_more_than_a_full_pipeline(int stages, int chunks, double factor)
    {
        // arXiv 2205.05198, section 4.2.3: 1 + (p − 1) / (p · v).
        var inFlight = InFlight(0, stages, PipelineSchedule.Interleaved, chunks, microBatches: 64);
        Assert.Equal(factor, (double)inFlight.Numerator / inFlight.Denominator / stages, tolerance: 1e-6);
    }

    [Fact]
    public void One_chunk_is_the_plain_schedule() =>
        Assert.Equal(InFlight(1, 4, PipelineSchedule.OneForwardOneBackward, 1, 64), InFlight(1, 4, PipelineSchedule.Interleaved, 1, 64));

    [Theory]
    [InlineData(PipelineSchedule.OneForwardOneBackward, 1)]
    [InlineData(PipelineSchedule.Interleaved, 4)]
    [InlineData(PipelineSchedule.GPipe, 1)]
    public void No_schedule_holds_more_micro_batches_than_there_are(PipelineSchedule schedule, int chunks)
    {
        var inFlight = InFlight(0, 8, schedule, chunks, microBatches: 2);
        Assert.Equal(2, inFlight.Numerator / inFlight.Denominator);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void GPipe_holds_all_micro_batches_on_every_stage(int stage) => Assert.Equal(32, InFlight(stage, 4, PipelineSchedule.GPipe, 1, microBatches: 32).Numerator);

    [Fact]
    public void An_unknown_number_of_micro_batches_fills_the_pipeline()
    {
        Assert.Equal(4, InFlight(0, 4, PipelineSchedule.OneForwardOneBackward, 1, null).Numerator);
        Assert.Equal(4, InFlight(3, 4, PipelineSchedule.GPipe, 1, null).Numerator);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(32)]
    public void Stages_hold_every_layer_once(int stages)
    {
        Assert.Equal(32, Enumerable.Range(0, stages).Sum(stage => PipelineStage.Of(Example.Llama8B, stage, stages).Layers));
        Assert.Equal(32, Enumerable.Range(0, stages).Sum(stage => PipelineStage.ByCost(Example.Llama8B, stage, stages).Layers));
    }

    [Fact]
    public void Nanotron_gives_the_stage_with_the_output_matrix_fewer_layers()
    {
        // A layer costs 4096 · (4 · 4096 + 3 · 14336), the output matrix 128256 · 4096: 2.2 layers.
        Assert.Equal([9L, 9L, 9L, 5L], Enumerable.Range(0, 4).Select(stage => PipelineStage.ByCost(Example.Llama8B, stage, 4).Layers));
        Assert.Equal(9, new RankContext(Example.Job(Example.Llama8B, TrainingFramework.Nanotron, pipeline: 4, sharding: Sharding.None), 0).Stage.Layers);
    }

    private static GpuMem.Estimation.Arithmetic.Ratio InFlight(int stage, int stages, PipelineSchedule schedule, int chunks, long? microBatches) =>
        PipelineStage.Of(Example.Llama8B, stage, stages).InFlight(new ParallelismSpec { Pipeline = stages, Schedule = schedule, VirtualStages = chunks }, microBatches);
}
