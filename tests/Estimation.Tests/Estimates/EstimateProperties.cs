using FsCheck.Xunit;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Ranks;

namespace GpuMem.Estimation.Tests.Estimates;

[Properties(MaxTest = 10_000, Arbitrary = [typeof(SoundJobs)])]
[Trait("Fault", "C42")]
public sealed class EstimateProperties
{
    [Property]
    public bool Bounds_are_ordered_and_terms_sum_to_them(JobSpec job)
    {
        var estimate = MemoryEstimator.Estimate(job);
        var expected = estimate.Terms.Aggregate(Bytes.Zero, (sum, term) => sum + term.Expected);
        var upper = estimate.Terms.Aggregate(Bytes.Zero, (sum, term) => sum + term.UpperBound);
        return estimate.LowerBound <= estimate.Expected && estimate.Expected <= estimate.UpperBound
            && estimate.Allocated <= estimate.Reserved && estimate.Reserved <= estimate.Expected
            && expected == estimate.Expected && upper == estimate.UpperBound
            && estimate.Terms.All(term => term.Expected <= term.UpperBound);
    }

    [Property]
    public bool No_stage_of_a_pipeline_holds_more_than_the_estimate_says(JobSpec job)
    {
        var whole = MemoryEstimator.Estimate(job);
        return Enumerable.Range(0, Math.Min(job.Parallelism.Pipeline, 64)).Select(stage => MemoryEstimator.Estimate(job, stage))
            .All(stage => stage.Expected <= whole.Expected && stage.UpperBound <= whole.UpperBound && stage.Needed <= whole.Needed);
    }

    /// <summary>The first three layers of DeepSeek V3 have no experts: a stage behind them holds more than the first, which has the embedding, and more than the last.</summary>
    [Fact]
    public void The_most_loaded_stage_may_lie_between_the_first_and_the_last()
    {
        var estimate = MemoryEstimator.Estimate(Example.Job(Example.Model("deepseek-ai/DeepSeek-V3"), TrainingFramework.Megatron, tensor: 8, pipeline: 8, sharding: Sharding.None, sequenceLength: 4096));
        Assert.Equal(1, estimate.WorstPipelineStage);
    }

    [Property]
    public bool A_longer_sequence_never_needs_less(JobSpec job) => NeverLess(job, job with { Training = job.Training with { SequenceLength = 2 * job.Training.SequenceLength } });

    [Property]
    public bool A_larger_micro_batch_never_needs_less(JobSpec job) => NeverLess(job, job with { Training = job.Training with { MicroBatchSize = job.Training.MicroBatchSize + 1 } });

    [Property]
    public bool More_layers_never_need_less(JobSpec job) => NeverLess(job, job with { Model = job.Model with { Layers = job.Model.Layers + job.Parallelism.Pipeline } });

    [Property]
    public bool A_wider_feed_forward_never_needs_less(JobSpec job) => NeverLess(job, job with { Model = job.Model with { FeedForwardSize = 2 * job.Model.FeedForwardSize } }, applies: StagesStay(job));

    [Property]
    public bool A_larger_vocabulary_never_needs_less(JobSpec job) => NeverLess(job, job with { Model = job.Model with { VocabularySize = 2 * job.Model.VocabularySize } }, applies: StagesStay(job));

    [Property]
    public bool Fewer_data_parallel_ranks_never_need_less(JobSpec job) =>
        NeverLess(job, Halved(job), applies: job.Parallelism.Data >= 2 && ExpertLayout.Of(job.Parallelism) == ExpertLayout.Of(Halved(job).Parallelism));

    [Property]
    public bool Less_recomputation_never_keeps_less(JobSpec job)
    {
        var stored = Enum.GetValues<Recompute>().Select(recompute => Stored(job with { Training = job.Training with { Recompute = recompute } })).ToArray();
        return stored[(int)Recompute.Selective] <= stored[(int)Recompute.None];
    }

    [Property]
    public bool Shards_of_all_ranks_cover_the_whole(JobSpec job)
    {
        var alone = Whole(job);
        var sharded = MemoryEstimator.Estimate(job).LowerBound.Value;
        var ranks = (long)job.Parallelism.Data * job.Parallelism.Context * job.Parallelism.Tensor;
        return (Int128)sharded * ranks >= alone;
    }

    /// <summary>Nanotron splits stages by cost: a heavier layer or output matrix moves layers to another stage, and the first may hold fewer.</summary>
    private static bool StagesStay(JobSpec job) => job.Training.Framework != TrainingFramework.Nanotron || job.Parallelism.Pipeline == 1;

    private static JobSpec Halved(JobSpec job) => job with { Parallelism = job.Parallelism with { Data = Math.Max(2, job.Parallelism.Data / 2) } };

    private static long Whole(JobSpec job) =>
        MemoryEstimator.Estimate(job with { Parallelism = job.Parallelism with { Data = 1, Context = 1, Expert = 1, Tensor = 1, SequenceParallel = false } }).LowerBound.Value;

    private static long Stored(JobSpec job) => new GpuMem.Estimation.Activations.ActivationMemory(new GpuMem.Estimation.Ranks.RankContext(job, 0)).Stored.Expected;

    private static bool NeverLess(JobSpec job, JobSpec larger, bool applies = true)
    {
        if (!applies || MemoryEstimator.Validate(larger).Count > 0)
            return true;

        // Nanotron balances its stages by cost: a heavier part of the model moves layers to other stages, and the heaviest may become lighter.
        if (job is { Training.Framework: TrainingFramework.Nanotron, Parallelism.Pipeline: > 1 })
            return true;
        var (before, after) = (MemoryEstimator.Estimate(job), MemoryEstimator.Estimate(larger));
        return after.Expected >= before.Expected && after.UpperBound >= before.UpperBound && after.LowerBound >= before.LowerBound;
    }
}
