using GpuMem.Catalogues.Models;
using GpuMem.Estimation;
using GpuMem.Estimation.Jobs;
using GpuMem.Planning.Words;

namespace GpuMem.Planning.Tests.Plans;

/// <summary>Room that a job has in other ways than the first that come to mind.</summary>
public sealed class RoomTests
{
    private static readonly Pool H100s = new() { Name = "h100", Product = "NVIDIA-H100-80GB-HBM3", UsableMemory = Bytes.FromGiB(79), GpusPerNode = 8, Nodes = 4 };

    [Fact]
    public void A_batch_that_no_number_of_whole_nodes_divides_leaves_GPUs_over_and_is_not_impossible()
    {
        var best = Planner.Plan(Job("meta-llama/Llama-3.1-70B", 4096, batch: 100, Recompute.Full).Auto(), [H100s]).Best!;

        Assert.False(best.Verdict.Rejects());
        Assert.Equal(0, 100 % best.Gpus);
        Assert.Contains("leave GPUs of a node over", best.Note, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(16)]
    public void Megatron_divides_61_layers_unevenly(int stages)
    {
        var job = Job("deepseek-ai/DeepSeek-V3", 4096, batch: null, Recompute.Full);
        var plan = Planner.Plan((job with { Training = job.Training with { Framework = TrainingFramework.Megatron }, Parallelism = new ParallelismSpec { Pipeline = stages } }).Fixed(), [H100s]);

        Assert.NotEqual(Verdict.Invalid, plan.Verdict);
        Assert.Contains(plan.Estimate!.Assumptions, said => said.StartsWith("The layers do not divide by pipeline", StringComparison.Ordinal));
    }

    [Fact]
    public void A_long_sequence_that_no_setting_saves_is_divided()
    {
        var request = Job("Qwen/Qwen2.5-32B", 131_072, batch: 64, Recompute.None).Auto();
        var plan = Planner.Plan(request, [H100s]);

        Assert.True(plan.Verdict.Rejects());
        Assert.Contains(plan.Suggestions, suggestion => suggestion.Changes.Any(change => change.Path == "parallelism.context"));
        Assert.All(plan.Suggestions, suggestion => Suggestions.SuggestionProperties.LeadsWhereItSays(request, [H100s], suggestion));
    }

    [Fact]
    public void More_GPUs_than_a_pool_is_declared_to_have_are_a_risk_and_no_rejection()
    {
        var plan = Planner.Plan(Jobs.Sharded.WithData(64).Training(training => training with { MicroBatchSize = 1 }).Fixed(), [H100s with { Nodes = 0, MaxNodes = 2 }]);

        Assert.Equal(Verdict.AtRisk, plan.Verdict);
        Assert.Contains("has 16 of the 64 GPUs", VerdictText.Full(plan), StringComparison.Ordinal);
    }

    [Fact]
    public void GPUs_that_are_there_come_before_those_that_a_pool_may_grow_to_and_either_is_said()
    {
        var here = H100s with { Name = "here", PricePerGpuHour = 4 };
        var later = H100s with { Name = "later", Nodes = 0, MaxNodes = 8, PricePerGpuHour = 1 };
        var plan = Planner.Plan(Job("meta-llama/Llama-3.1-8B", 8192, batch: null, Recompute.Full).Auto(), [later, here]);

        Assert.Equal(("here", "later"), (plan.Best!.Pool.Name, plan.Candidates[1].Pool.Name));
        Assert.Contains("are there now", plan.Candidates[1].Note, StringComparison.Ordinal);
    }

    [Fact]
    public void What_others_hold_comes_after_what_is_free() => Assert.Equal(
        "free",
        Planner.Plan(Job("meta-llama/Llama-3.1-8B", 8192, batch: null, Recompute.Full).Auto(), [H100s with { Name = "busy", PricePerGpuHour = 1, FreeGpus = 0 }, H100s with { Name = "free", PricePerGpuHour = 4, FreeGpus = 32 }]).Best!.Pool.Name);

    [Fact]
    public void A_card_without_bf16_is_said_to_need_fp16() => Assert.Contains(
        "use precision FP16Mixed",
        Planner.Plan(Job("meta-llama/Llama-3.2-1B", 1024, batch: null, Recompute.Full).Auto(), [H100s with { Product = "Tesla-T4", UsableMemory = Bytes.FromGiB(14) }]).Best!.Note,
        StringComparison.Ordinal);

    private static JobSpec Job(string model, long length, long? batch, Recompute recompute) => new()
    {
        Model = ModelCatalogue.TryFind(model, out var found, out var problem) ? found : throw new InvalidOperationException(problem),
        Training = new TrainingSpec { SequenceLength = length, GlobalBatchSize = batch, Recompute = recompute },
        Parallelism = new ParallelismSpec { Sharding = Sharding.Full },
    };
}
