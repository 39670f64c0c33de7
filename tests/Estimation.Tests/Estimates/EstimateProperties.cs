using FsCheck;
using FsCheck.Fluent;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Ranks;

namespace GpuMem.Estimation.Tests.Estimates;

public sealed class EstimateProperties
{
    [Fact]
    public void Bounds_are_ordered_and_terms_sum_to_them() => ForAll(job =>
    {
        var estimate = MemoryEstimator.Estimate(job);
        var expected = estimate.Terms.Aggregate(Bytes.Zero, (sum, term) => sum + term.Expected);
        var upper = estimate.Terms.Aggregate(Bytes.Zero, (sum, term) => sum + term.UpperBound);
        return estimate.LowerBound <= estimate.Expected && estimate.Expected <= estimate.UpperBound
            && estimate.Allocated <= estimate.Reserved && estimate.Reserved <= estimate.Expected
            && expected == estimate.Expected && upper == estimate.UpperBound
            && estimate.Terms.All(term => term.Expected <= term.UpperBound);
    });

    [Fact]
    public void A_longer_sequence_never_needs_less() => NeverLess(job => job with { Training = job.Training with { SequenceLength = 2 * job.Training.SequenceLength } });

    [Fact]
    public void A_larger_micro_batch_never_needs_less() => NeverLess(job => job with { Training = job.Training with { MicroBatchSize = job.Training.MicroBatchSize + 1 } });

    [Fact]
    public void More_layers_never_need_less() => NeverLess(job => job with { Model = job.Model with { Layers = job.Model.Layers + job.Parallelism.Pipeline } });

    [Fact]
    public void A_wider_feed_forward_never_needs_less() => NeverLess(job => job with { Model = job.Model with { FeedForwardSize = 2 * job.Model.FeedForwardSize } }, StagesStay);

    [Fact]
    public void A_larger_vocabulary_never_needs_less() => NeverLess(job => job with { Model = job.Model with { VocabularySize = 2 * job.Model.VocabularySize } }, StagesStay);

    [Fact]
    public void Fewer_data_parallel_ranks_never_need_less() =>
        NeverLess(Halved, job => job.Parallelism.Data >= 2 && ExpertLayout.Of(job.Parallelism) == ExpertLayout.Of(Halved(job).Parallelism));

    [Fact]
    public void Less_recomputation_never_keeps_less() => ForAll(job =>
    {
        var stored = Enum.GetValues<Recompute>().Select(recompute => Stored(job with { Training = job.Training with { Recompute = recompute } })).ToArray();
        return stored[(int)Recompute.Selective] <= stored[(int)Recompute.None];
    });

    [Fact]
    public void Shards_of_all_ranks_cover_the_whole() => ForAll(job =>
    {
        var alone = Whole(job);
        var sharded = MemoryEstimator.Estimate(job).LowerBound.Value;
        var ranks = (long)job.Parallelism.Data * job.Parallelism.Context * job.Parallelism.Tensor;
        return (Int128)sharded * ranks >= alone;
    });

    /// <summary>Nanotron splits stages by cost: a heavier layer or output matrix moves layers to another stage, and the first may hold fewer.</summary>
    private static bool StagesStay(JobSpec job) => job.Training.Framework != TrainingFramework.Nanotron || job.Parallelism.Pipeline == 1;

    private static JobSpec Halved(JobSpec job) => job with { Parallelism = job.Parallelism with { Data = Math.Max(2, job.Parallelism.Data / 2) } };

    private static long Whole(JobSpec job) =>
        MemoryEstimator.Estimate(job with { Parallelism = job.Parallelism with { Data = 1, Context = 1, Expert = 1, Tensor = 1, SequenceParallel = false } }).LowerBound.Value;

    private static long Stored(JobSpec job) => new GpuMem.Estimation.Activations.ActivationMemory(new GpuMem.Estimation.Ranks.RankContext(job, 0)).Stored.Expected;

    private static void NeverLess(Func<JobSpec, JobSpec> more, Func<JobSpec, bool>? applies = null) => ForAll(job =>
    {
        if (applies?.Invoke(job) == false)
            return true;
        var larger = more(job);
        if (MemoryEstimator.Validate(larger).Count > 0)
            return true;

        // Nanotron balances its stages by cost: a heavier part of the model moves layers to other stages, and the heaviest may become lighter.
        if (job is { Training.Framework: TrainingFramework.Nanotron, Parallelism.Pipeline: > 1 })
            return true;
        var (before, after) = (MemoryEstimator.Estimate(job), MemoryEstimator.Estimate(larger));
        return after.Expected >= before.Expected && after.UpperBound >= before.UpperBound && after.LowerBound >= before.LowerBound;
    });

    private static void ForAll(Func<JobSpec, bool> property) => Check.One(Runs.TenThousand, Prop.ForAll(JobGenerator.Sound.ToArbitrary(), property));
}
