using GpuMem.Estimation.Jobs;
using GpuMem.Planning.Words;

namespace GpuMem.Planning.Tests.Words;

public sealed class VerdictTextTests
{
    private static readonly JobSpec Eight = Jobs.Sharded.WithData(8);

    private static readonly Pool H100 = Pools.Of(Eight.Estimate().Needed.Less(1 << 30), name: "h100-80gb") with { Product = "NVIDIA-H100-80GB-HBM3" };

    [Fact]
    public void A_rejection_says_need_capacity_gap_and_the_best_fix_in_200_characters()
    {
        var plan = Planner.Plan(Eight.Fixed(), [H100]);
        var start = VerdictText.Full(plan)[..200];

        Assert.StartsWith($"needs {plan.Estimate!.Expected} per GPU; NVIDIA-H100-80GB-HBM3 has {H100.UsableMemory} ({plan.Best!.Short} short). Fix: ", start, StringComparison.Ordinal);
        Assert.Contains(VerdictText.Fix(plan.Suggestions[0]), start, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fix_says_field_value_size_and_where()
    {
        var suggestion = Planner.Plan(Eight.Fixed(), [H100]).Suggestions.First(suggestion => suggestion.Changes[0].Path == "training.microBatchSize");

        Assert.Equal($"training.microBatchSize=2 ({suggestion.Result.Estimate.Expected} on 8 GPUs of h100-80gb)", VerdictText.Fix(suggestion));
    }

    [Fact]
    public void A_fix_that_needs_more_gpus_than_there_are_says_so()
    {
        var single = Jobs.Sharded.Training(training => training with { MicroBatchSize = 1, Recompute = Recompute.Full, Loss = LossKernel.Fused }).WithData(8);
        var plan = Planner.Plan(single.Fixed(), [Pools.Fitting(single.WithData(64).Estimate(), nodes: 1)]);
        var more = plan.Suggestions.First(suggestion => suggestion.Result.GpusShort > 0);

        Assert.Contains("which has 8", VerdictText.Fix(more), StringComparison.Ordinal);
    }

    [Fact]
    public void The_largest_terms_and_the_command_for_more_come_last()
    {
        var text = VerdictText.Full(Planner.Plan(Eight.Fixed(), [H100]), "kubectl describe trainingjob/x");

        Assert.Contains(" Largest: ", text, StringComparison.Ordinal);
        Assert.EndsWith("More: kubectl describe trainingjob/x", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_risk_says_both_numbers()
    {
        var estimate = Eight.Estimate();
        var line = VerdictText.Line(Planner.Plan(Eight.Fixed(), [H100 with { UsableMemory = estimate.Expected }]));

        Assert.Equal($"needs {estimate.Expected} per GPU, up to {estimate.UpperBound}; NVIDIA-H100-80GB-HBM3 has {estimate.Expected}: it may run out of memory", line);
    }

    [Fact]
    public void Too_little_headroom_is_not_called_out_of_memory()
    {
        var line = VerdictText.Line(Planner.Plan(Eight.Fixed() with { HeadroomPercent = 50 }, [H100 with { UsableMemory = Eight.Estimate().UpperBound }]));

        Assert.EndsWith("less headroom than asked for", line, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_wrong_with_an_invalid_job_is_said_to_the_end()
    {
        var plan = Planner.Plan(Jobs.Sharded.WithTensor(2).WithData(3).Fixed() with { GpusPerNode = 4 }, [H100]);

        Assert.StartsWith("cannot run: parallelism: tensor 2", VerdictText.Full(plan), StringComparison.Ordinal);
        Assert.Contains("or set it to Auto", VerdictText.Full(plan), StringComparison.Ordinal);
        Assert.InRange(VerdictText.Line(plan).Length, 1, 120);
    }

    [Fact]
    public void Gpus_that_a_pool_lacks_are_mentioned_even_where_memory_is_enough() =>
        Assert.Contains("the pool has 8 of the 16 GPUs", VerdictText.Full(Planner.Plan(Eight.WithData(16).Fixed(), [Pools.Of(Pools.Plenty, nodes: 1)])), StringComparison.Ordinal);

    [Fact]
    public void A_job_that_nothing_saves_is_told_so() =>
        Assert.Contains("No change of settings", VerdictText.Full(Planner.Plan(Eight.Fixed(), [Pools.Of(GpuMem.Estimation.Bytes.FromMiB(1))])), StringComparison.Ordinal);

    [Fact]
    public void Long_names_cannot_make_a_long_message()
    {
        var plan = Planner.Plan(Eight.Fixed(), [H100 with { Name = new string('n', 5000), Product = new string('p', 5000) }]);

        Assert.Equal(VerdictText.MaxLength, VerdictText.Full(plan).Length);
        Assert.Equal(120, VerdictText.Line(plan).Length);
    }

    [Fact]
    public void Every_term_has_words() =>
        Assert.All(Enum.GetValues<GpuMem.Estimation.TermKind>(), kind => Assert.NotEqual(kind.ToString(), TermNames.Of(kind)));

    [Theory]
    [InlineData("weights alone are", 110)]
    [InlineData("weights alone, are", 107)]
    public void A_line_that_is_cut_ends_with_a_whole_word(string end, int before)
    {
        var text = $"{new string('x', before)} {end} more than that";

        Assert.EndsWith(end.Split(' ', ',')[0] + "…", VerdictText.Short(text), StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_without_spaces_is_cut_where_there_is_no_more_room() =>
        Assert.Equal($"{new string('x', 119)}…", VerdictText.Short(new string('x', 5000)));
}
