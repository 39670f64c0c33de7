using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning.Tests.Suggestions;

/// <summary>A change is stated once: what is printed, what is written as a patch and what is planned are the same.</summary>
public sealed class ChangeTests
{
    private static readonly JobSpec Eight = Jobs.Sharded.WithData(8);

    [Fact]
    public void Changes_to_one_part_of_a_spec_share_it_in_the_patch()
    {
        var tensor = Suggested(Eight.Training(training => training with { MicroBatchSize = 1 }), "parallelism.tensor: 2, parallelism.data: 4");

        Assert.Equal("""{"spec":{"parallelism":{"tensor":2,"data":4}}}""", tensor.MergePatch.ToJsonString());
    }

    [Fact]
    public void Names_numbers_and_lists_are_written_as_such()
    {
        Assert.Equal("""{"spec":{"training":{"recompute":"Full"}}}""", Suggested(Eight, "training.recompute: Full").MergePatch.ToJsonString());
        Assert.Equal("""{"spec":{"training":{"microBatchSize":2}}}""", Suggested(Eight, "training.microBatchSize: 2").MergePatch.ToJsonString());
        var elsewhere = Planner.Plan(Eight.Fixed() with { Pools = ["small"] }, [Pools.Of(Pools.Nothing, name: "small"), Pools.Of(Pools.Plenty, name: "1e3")]).Suggestions[0];
        Assert.Equal("""{"spec":{"placement":{"pools":["1e3"]}}}""", elsewhere.MergePatch.ToJsonString());
    }

    [Fact]
    public void What_contradicts_the_new_value_is_taken_away_with_it()
    {
        var selective = Eight.Training(training => training with { Framework = TrainingFramework.Megatron, Recompute = Recompute.Selective, RecomputeModules = RecomputeModules.Norms })
            .Parallelism(layout => layout with { Sharding = Sharding.Optimizer });
        Assert.Equal("""{"spec":{"training":{"recompute":"Full","recomputeModules":[]}}}""", Suggested(selective, "training.recompute: Full, training.recomputeModules: []").MergePatch.ToJsonString());

        var stated = Eight.Training(training => training with { MicroBatchSize = 1, Recompute = Recompute.Full, Loss = LossKernel.Fused, DataTypes = new DataTypes { Moments = DataType.FP32 } });
        Assert.Equal(
            """{"spec":{"training":{"optimizer":"AdamW8bit","dataTypes":{"moments":null}}}}""",
            Suggested(stated, "training.optimizer: AdamW8bit, training.dataTypes.moments: null").MergePatch.ToJsonString());
    }

    [Fact]
    public void Layers_that_keep_everything_may_be_recomputed_with_the_others()
    {
        var some = Eight.Training(training => training with { Framework = TrainingFramework.Megatron, Recompute = Recompute.Full, RecomputeLayers = 4 })
            .Parallelism(layout => layout with { Sharding = Sharding.Optimizer });
        Assert.Equal("""{"spec":{"training":{"recomputeLayers":null}}}""", Suggested(some, "training.recomputeLayers: null").MergePatch.ToJsonString());
    }

    /// <summary>Among what is proposed on GPUs of falling size, the suggestion that reads so; made in the request, it leads where it says.</summary>
    private static Suggestion Suggested(JobSpec job, string text)
    {
        for (var percent = 110; percent > 5; percent--)
        {
            var pool = Pools.Of(new GpuMem.Estimation.Bytes(job.Estimate().Expected.Value / 100 * percent));
            if (Planner.Plan(job.Fixed(), [pool]).Suggestions.FirstOrDefault(suggestion => suggestion.ToString() == text) is not { } found)
                continue;
            SuggestionProperties.LeadsWhereItSays(job.Fixed(), [pool], found);
            return found;
        }

        throw new InvalidOperationException($"nowhere is '{text}' proposed");
    }
}
