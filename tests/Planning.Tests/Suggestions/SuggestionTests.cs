using GpuMem.Planning.Words;
using GpuMem.Estimation;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;

namespace GpuMem.Planning.Tests.Suggestions;

public sealed class SuggestionTests
{
    private static readonly JobSpec Eight = Jobs.Sharded.WithData(8);

    [Fact]
    public void A_job_that_fits_needs_none() => Assert.Empty(Planner.Plan(Eight.Fixed(), [Pools.Of(Pools.Plenty)]).Suggestions);

    [Fact]
    public void A_job_at_risk_is_told_what_would_make_it_safe() =>
        Assert.All(Suggested(Eight.Fixed(), Pools.Of(Eight.Estimate().Expected)), suggestion => Assert.Equal(Verdict.Fits, suggestion.Result.Verdict));

    [Fact]
    public void Recomputing_activations() => Offers("training.recompute=Full", Eight.Training(training => training with { Recompute = Recompute.Full, MicroBatchSize = 1 }), Eight.Training(training => training with { MicroBatchSize = 1 }));

    [Fact]
    public void A_smaller_micro_batch() => Offers("training.microBatchSize=2", Eight.Training(training => training with { MicroBatchSize = 2 }));

    [Fact]
    public void A_chunked_loss() => Offers("training.loss=Chunked", Eight.Training(training => training with { Loss = LossKernel.Chunked }));

    [Fact]
    public void Attention_without_the_score_matrix() => Offers("training.attention=Flash", Eight, Eight.Training(training => training with { Attention = AttentionKernel.Eager }));

    [Fact]
    public void Sharding_the_states()
    {
        var whole = Eight.Training(training => training with { MicroBatchSize = 1 }).Parallelism(layout => layout with { Sharding = Sharding.None });
        Offers("parallelism.sharding=Full", whole.Parallelism(layout => layout with { Sharding = Sharding.Full }), whole);
    }

    [Fact]
    public void Sharding_under_another_framework_where_this_one_cannot()
    {
        var ddp = Eight.Training(training => training with { MicroBatchSize = 1, Framework = TrainingFramework.DDP }).Parallelism(layout => layout with { Sharding = Sharding.None });
        var sharded = ddp.Training(training => training with { Framework = TrainingFramework.PyTorchFSDP }).Parallelism(layout => layout with { Sharding = Sharding.Full });
        Offers("training.framework=PyTorchFSDP and parallelism.sharding=Full", sharded, ddp);
    }

    [Fact]
    public void Tensor_parallelism_on_the_same_gpus()
    {
        var single = Eight.Training(training => training with { MicroBatchSize = 1 });
        Offers("parallelism.tensor=2 and parallelism.data=4", single.WithTensor(2).WithData(4), single);
    }

    [Fact]
    public void Sequence_parallelism_beside_tensor_parallelism()
    {
        var tensor = Eight.WithTensor(4).WithData(2).Training(training => training with { MicroBatchSize = 1 });
        Offers("parallelism.sequenceParallel=true", tensor.Parallelism(layout => layout with { SequenceParallel = true }), tensor);
    }

    [Fact]
    public void More_gpus()
    {
        var single = Jobs.Sharded.Training(training => training with { MicroBatchSize = 1, Recompute = Recompute.Full }).WithData(8);
        Offers("parallelism.data=16", single.WithData(16), single);
    }

    [Fact]
    public void Another_pool()
    {
        var request = Eight.Fixed() with { Pools = ["small"] };
        var suggestions = Planner.Plan(request, [Pools.Of(Pools.Nothing, name: "small"), Pools.Of(Pools.Plenty, name: "large")]).Suggestions;

        var pool = Assert.Single(suggestions);
        Assert.Equal("placement.pools: [large]", Assert.Single(pool.Changes).ToString());
        Assert.Equal("large", pool.Result.Pool.Name);
    }

    [Fact]
    public void Adapters_in_place_of_all_weights()
    {
        var frugal = Eight.Training(training => training with { MicroBatchSize = 1, Recompute = Recompute.Full, Loss = LossKernel.Fused, Optimizer = Optimizer.Lion });
        Offers("training.method=LoRA", frugal.Training(training => training with { Method = TrainingMethod.LoRA, Lora = new LoraSpec() }), frugal, nodes: 1);
    }

    /// <summary>Adapters alone would do, but whoever trains all weights is first told of what leaves that as it is.</summary>
    [Fact]
    public void All_weights_stay_trained_where_two_changes_make_that_fit()
    {
        var full = (Jobs.Sharded with { Model = Jobs.Llama70B }).WithData(16).Training(training => training with { MicroBatchSize = 1, Recompute = Recompute.Full });
        var both = full.Training(training => training with { Loss = LossKernel.Chunked, Optimizer = Optimizer.AdamW8bit });
        var suggestions = Suggested(full.Fixed(), Pools.Fitting(both.Estimate(), nodes: 2));

        Assert.Equal(["training.loss", "training.optimizer"], suggestions[0].Changes.Select(change => change.Path));
        Assert.Contains(suggestions.Skip(1), suggestion => suggestion.Changes is [{ Path: "training.method", Value: "LoRA" }]);
    }

    /// <summary>One GPU was asked for, and four hold together what one cannot.</summary>
    [Fact]
    public void More_gpus_with_a_part_of_the_states_on_each()
    {
        var alone = Jobs.Sharded.WithData(1).Parallelism(layout => layout with { Sharding = Sharding.None })
            .Training(training => training with { MicroBatchSize = 1, Recompute = Recompute.Full, Loss = LossKernel.Fused, Method = TrainingMethod.QLoRA, Lora = new LoraSpec() });
        Offers("parallelism.sharding=Full and parallelism.data=4", alone.WithData(4).Parallelism(layout => layout with { Sharding = Sharding.Full }), alone, nodes: 1);
    }

    [Fact]
    public void Three_where_no_two_are_enough_and_none_besides()
    {
        var three = Eight.Training(training => training with { Loss = LossKernel.Chunked, MicroBatchSize = 1, Recompute = Recompute.Full });

        Assert.Contains(Suggested(Eight.Fixed(), Pools.Fitting(three.Estimate(), nodes: 1)),
            suggestion => suggestion.Changes.Select(change => change.Path).SequenceEqual(["training.loss", "training.microBatchSize", "training.recompute"]));
    }

    /// <summary>An autoscaler might bring the GPUs that it takes; what does with those there are costs less.</summary>
    [Fact]
    public void A_job_for_more_gpus_than_there_are_is_told_what_would_do_with_those()
    {
        var frugal = Jobs.Sharded.Training(training => training with { MicroBatchSize = 1, Recompute = Recompute.Full });
        var plan = Planner.Plan(frugal.Auto(), [Pools.Fitting(frugal.WithData(32).Estimate(), nodes: 1) with { MayGrow = true }]);

        Assert.Equal((Verdict.Unknown, 32), (plan.Verdict, plan.Best!.Gpus));
        Assert.NotEmpty(plan.Suggestions);
        Assert.All(plan.Suggestions, suggestion => Assert.InRange(suggestion.Result.Gpus, 1, 8));
    }

    [Fact]
    public void Two_at_a_time_where_no_single_one_is_enough()
    {
        var both = Eight.Training(training => training with { MicroBatchSize = 1, Recompute = Recompute.Full, Method = TrainingMethod.QLoRA, Lora = new LoraSpec() });
        var suggestions = Suggested(Eight.Fixed(), Pools.Fitting(both.Training(training => training with { Loss = LossKernel.Fused }).Estimate()));

        Assert.NotEmpty(suggestions);
        Assert.All(suggestions, suggestion => Assert.True(suggestion.Changes.Count > 1));
    }

    [Fact]
    public void All_together_where_no_two_are_enough()
    {
        var last = Eight.WithTensor(8).WithData(128).Training(training => training with
        {
            MicroBatchSize = 1,
            Recompute = Recompute.Full,
            Loss = LossKernel.Chunked,
            Method = TrainingMethod.QLoRA,
            Lora = new LoraSpec(),
        });
        var suggestion = Assert.Single(Suggested(Eight.Training(training => training with { MicroBatchSize = 64 }).Fixed(), Pools.Fitting(last.Estimate())));

        Assert.True(suggestion.Changes.Count > 2);
        Assert.NotEqual(Verdict.DoesNotFit, suggestion.Result.Verdict);
    }

    [Fact]
    public void What_would_only_fit_when_the_allocator_gives_way_is_no_fix()
    {
        var recomputed = Eight.Training(training => training with { Recompute = Recompute.Full });
        var pool = Pools.Of(recomputed.Estimate().Expected.Less());

        Assert.True(recomputed.Estimate().Needed < pool.UsableMemory);
        Assert.DoesNotContain(Suggested(Eight.Fixed(), pool), suggestion => suggestion.Changes is [{ Path: "training.recompute", Value: "Full" }]);
    }

    [Fact]
    public void Of_two_risks_the_one_with_room_for_the_expected_size_comes_first()
    {
        var (expected, needed) = (Eight.Estimate().Expected, Eight.Estimate().Needed);
        var plan = Planner.Plan(Eight.Fixed(), [Pools.Of(needed, name: "cheap") with { PricePerGpuHour = 1 }, Pools.Of(expected, name: "roomy") with { PricePerGpuHour = 9 }]);

        Assert.Equal((Verdict.AtRisk, "roomy"), (plan.Verdict, plan.Best!.Pool.Name));
    }

    /// <summary>70 billion parameters under tensor parallelism of 8 are more than a node: Megatron's users divide the layers over further nodes.</summary>
    [Fact]
    public void What_no_node_holds_is_divided_into_pipeline_stages_over_those_there_are()
    {
        var job = new JobSpec
        {
            Model = Jobs.Llama70B,
            Training = new TrainingSpec { SequenceLength = 8192, Framework = TrainingFramework.Megatron },
            Parallelism = new ParallelismSpec { Tensor = 8, Sharding = Sharding.Optimizer },
        };
        var suggestions = Planner.Plan(job.Fixed(), [Pools.Of(Bytes.FromGiB(79.1m), name: "h100")]).Suggestions;

        Assert.Contains(suggestions, suggestion => suggestion.Result.Job is { Training.Method: TrainingMethod.Full, Parallelism.Pipeline: > 1 } && suggestion.Result is { Verdict: Verdict.Fits, GpusShort: 0 });
        Assert.All(suggestions, suggestion => Assert.Equal(0, suggestion.Result.GpusShort));
    }

    /// <summary>ZeRO-2 over four GPUs of 40 GB, where there are sixteen.</summary>
    [Fact]
    public void More_gpus_are_looked_for_among_those_there_are()
    {
        var job = Jobs.Sharded.WithData(4).Training(training => training with { Framework = TrainingFramework.DeepSpeed, MicroBatchSize = 8, SequenceLength = 2048, GlobalBatchSize = 256 })
            .Parallelism(layout => layout with { Sharding = Sharding.Gradients });
        var suggestions = Planner.Plan(job.Fixed(), [Pools.Of(Bytes.FromGiB(39.4m), nodes: 2)]).Suggestions;

        Assert.Contains(suggestions, suggestion => suggestion.Result is { Verdict: Verdict.Fits, GpusShort: 0, Job.Training.Method: TrainingMethod.Full });
    }

    /// <summary>DPO of all weights on one GPU of 80 GB, of which there is one: four would be tight, eight are sure.</summary>
    [Fact]
    public void Gpus_that_are_not_there_are_at_least_enough_for_sure()
    {
        var job = Jobs.Sharded.WithData(1).Training(training => training with { SequenceLength = 2048, MicroBatchSize = 1, Objective = TrainingObjective.DPO, ReferenceModel = true });
        var suggestions = Planner.Plan(job.Fixed(), [Pools.Of(Bytes.FromGiB(79.1m), nodes: 1, gpusPerNode: 1)]).Suggestions;

        Assert.NotEmpty(suggestions);
        Assert.All(suggestions, suggestion => Assert.True(suggestion.Result.GpusShort == 0 || suggestion.Result.HasRoom, VerdictText.Fix(suggestion)));
        Assert.All(suggestions.Where(suggestion => suggestion.Result.GpusShort > 0), suggestion => Assert.EndsWith(", which has 1)", VerdictText.Fix(suggestion), StringComparison.Ordinal));
    }

    /// <summary>171 of these cards for a job that has four are nothing to tell anybody.</summary>
    [Fact]
    public void Many_times_the_gpus_that_there_are_would_do_and_are_not_mentioned()
    {
        var job = Jobs.Sharded.Training(training => training with { SequenceLength = 4096, MicroBatchSize = 1, Recompute = Recompute.Full });

        Assert.Matches(@"^\d\d? GPUs of this pool would do", Planner.Plan(job.Auto(), [Pools.Of(Bytes.FromGiB(22), nodes: 4, gpusPerNode: 1)]).Best!.Note!);
        Assert.Null(Planner.Plan(job.Auto(), [Pools.Of(Bytes.FromGiB(12.4m), nodes: 4, gpusPerNode: 1)]).Best!.Note);
    }

    /// <summary>Over nodes of one GPU the parts of a layer wait for the network; states can be divided over the same GPUs without that.</summary>
    [Fact]
    public void A_group_that_no_node_holds_is_made_smaller()
    {
        var job = (Jobs.Sharded with { Model = Jobs.Llama70B }).WithTensor(8).WithData(2).Training(training => training with { MicroBatchSize = 1, Recompute = Recompute.Full })
            .Parallelism(layout => layout with { Sharding = Sharding.None, SequenceParallel = true });
        var divided = job.WithTensor(1).WithData(16).Parallelism(layout => layout with { Sharding = Sharding.Full, SequenceParallel = false });
        var suggestions = Suggested(job.Fixed(), Pools.Fitting(divided.Estimate(), nodes: 16) with { GpusPerNode = 1 });

        var suggestion = Assert.Single(suggestions, suggestion => suggestion.Result.Job.Parallelism.Tensor < 8 && suggestion.Result.Job.Training.Method == TrainingMethod.Full);
        Assert.Equal("parallelism.tensor: 1, parallelism.sequenceParallel: false, parallelism.data: 16, parallelism.sharding: Full", suggestion.ToString());
        Assert.Equal("states are divided over the GPUs, not layers", suggestion.Cost);
        Assert.Equal((Verdict.Fits, divided), (suggestion.Result.Verdict, suggestion.Result.Job));
    }

    /// <summary>Eight nodes of one L4: what leaves the group as it is comes after what trains the same on the same GPUs without it.</summary>
    [Fact]
    public void What_does_without_a_group_that_no_node_holds_comes_first()
    {
        var job = Jobs.Sharded.WithTensor(8).Training(training => training with { SequenceLength = 4096, MicroBatchSize = 1 }).Parallelism(layout => layout with { Sharding = Sharding.None });
        var suggestions = Suggested(job.Fixed(), Pools.Of(Bytes.FromGiB(22), nodes: 8, gpusPerNode: 1, name: "l4"));

        Assert.Equal((Verdict.Fits, 1, 8L, TrainingMethod.Full), (suggestions[0].Result.Verdict, suggestions[0].Result.Job.Parallelism.Tensor, suggestions[0].Result.Gpus, suggestions[0].Result.Job.Training.Method));
        Assert.Contains(suggestions, suggestion => suggestion.Result.Job.Parallelism.Tensor == 8);
    }

    /// <summary>Groups of four on eight single GPUs: 64 groups are 256 of them.</summary>
    [Fact]
    public void More_gpus_are_counted_in_gpus_and_not_in_groups()
    {
        var job = Jobs.Sharded.WithTensor(4).WithData(2).Training(training => training with { SequenceLength = 4096, MicroBatchSize = 1 }).Parallelism(layout => layout with { Sharding = Sharding.None });

        Assert.All(Suggested(job.Fixed(), Pools.Of(Bytes.FromGiB(22), nodes: 8, gpusPerNode: 1)), suggestion => Assert.InRange(suggestion.Result.Gpus, 1, 64));
    }

    [Fact]
    public void None_where_nothing_helps() => Assert.Empty(Suggested(Eight.Fixed(), Pools.Of(Bytes.FromMiB(1))));

    [Fact]
    public void The_least_effort_comes_first_and_another_result_last()
    {
        var eager = Eight.Training(training => training with { Attention = AttentionKernel.Eager });
        var paths = Suggested(eager.Fixed(), Pools.Of(new Bytes(eager.Estimate().Expected.Value / 10 * 9))).Select(suggestion => suggestion.Changes[0].Path).ToList();

        Assert.Equal("training.attention", paths[0]);
        Assert.Equal(paths, paths.OrderBy(path => path switch
        {
            "training.attention" => 0,
            "training.microBatchSize" or "parallelism.sequenceParallel" => 1,
            "training.loss" => 2,
            "training.recompute" => 4,
            "parallelism.tensor" or "parallelism.data" => 5,
            _ => 8,
        }));
    }

    [Fact]
    public void At_most_five_are_enough_to_choose_from() =>
        Assert.InRange(Suggested(Eight.Fixed(), Pools.Of(Eight.Estimate().Expected.Less())).Count, 1, 5);

    [Fact]
    public void What_the_author_fixed_stays_as_it_is_in_every_candidate()
    {
        var plan = Planner.Plan(Eight.Fixed(), [Pools.Of(Pools.Nothing), Pools.Of(Eight.Estimate().Needed.Less(), name: "other")]);

        Assert.True(plan.Verdict.Rejects());
        Assert.All(plan.Candidates, candidate => Assert.Equal(Eight, candidate.Job));
    }

    [Fact]
    public void A_change_that_is_not_needed_is_not_asked_for()
    {
        // Recomputation alone leaves a risk: whatever is proposed beside it must remove the risk.
        var half = Eight.Training(training => training with { Recompute = Recompute.Full });
        var suggestions = Suggested(Eight.Fixed(), Pools.Of(half.Estimate().Expected));

        Assert.All(suggestions.Where(suggestion => suggestion.Changes.Count > 1 && suggestion.Changes.All(change => change.Path.StartsWith("training.", StringComparison.Ordinal))),
            pair => Assert.Equal(Verdict.Fits, pair.Result.Verdict));
    }

    /// <summary>On GPUs just large enough for <paramref name="changed"/>, the change that leads there is proposed with its number.</summary>
    private static void Offers(string fix, JobSpec changed, JobSpec? job = null, int nodes = 4)
    {
        var suggestions = Suggested((job ?? Eight).Fixed(), Pools.Fitting(changed.Estimate(), nodes));

        var suggestion = Assert.Single(suggestions, suggestion => string.Join(" and ", suggestion.Changes.Select(change => $"{change.Path}={change.Value}")) == fix);
        Assert.Equal(Verdict.Fits, suggestion.Result.Verdict);
        Assert.Equal(changed.Estimate().Expected, suggestion.Result.Estimate.Expected);
    }

    /// <summary>The suggestions, each tried: planned with the change made, the job gets what the suggestion said.</summary>
    private static IReadOnlyList<Suggestion> Suggested(PlanRequest request, params Pool[] pools)
    {
        var plan = Planner.Plan(request, pools);
        Assert.True(plan.Verdict.Rejects() || plan.Verdict == Verdict.AtRisk);
        Assert.All(plan.Suggestions, suggestion => SuggestionProperties.LeadsWhereItSays(request, pools, suggestion));
        return plan.Suggestions;
    }

    [Fact]
    public void Pods_that_no_node_can_hold_do_not_fit_for_sure_and_are_never_proposed()
    {
        var request = Jobs.Sharded.Auto() with { GpusPerNode = 4 };

        var plan = Planner.Plan(request, [Pools.Of(Pools.Plenty, gpusPerNode: 2), Pools.Of(Pools.Nothing, name: "small")]);

        Assert.Equal(Verdict.AtRisk, plan.Verdict);
        Assert.True(plan.Best!.PodsExceedNodes);
        Assert.Contains("a pod asks for 4 GPUs", VerdictText.Full(plan), StringComparison.Ordinal);
        Assert.All(plan.Suggestions, suggestion => Assert.False(suggestion.Result.PodsExceedNodes));
    }

    [Fact]
    public void Of_what_is_at_risk_the_expected_comes_before_what_could_start_now()
    {
        var needs = Jobs.Sharded.WithData(8).Estimate();
        var (empty, there) = (Pools.Of(needs.Expected, nodes: 0, name: "empty") with { MaxNodes = 1 }, Pools.Of(needs.Needed, nodes: 1, name: "there"));

        Assert.Equal("empty", Planner.Plan(Jobs.Sharded.WithData(8).Fixed(), [there, empty]).Best!.Pool.Name);
    }
}
