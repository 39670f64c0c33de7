using System.Text.Json.Nodes;
using GpuMem.Estimation;
using GpuMem.Operator.Tests.Support;
using GpuMem.Planning;

namespace GpuMem.Operator.Tests.TrainingJobs;

public sealed class StatusTextTests
{
    [Theory]
    [InlineData(0, "0.0Gi")]
    [InlineData(1L << 30, "1.0Gi")]
    [InlineData((61L << 30) + (214L << 20), "61.2Gi")]
    [InlineData(1L << 50, "1048576.0Gi")]
    public void Sizes_are_quantities_with_one_decimal(long bytes, string text)
    {
        Assert.Equal(text, StatusText.Quantity(new Bytes(bytes)));
        Assert.InRange(Math.Abs(Quantity.Parse(text).ToDecimal() - bytes), 0, 1L << 27);
    }

    [Fact]
    public void An_estimate_names_its_terms_and_they_add_up()
    {
        var status = StatusText.Estimate(Jobs.Decide(Jobs.Stored(Example.Several)).Plan.Estimate)!;
        var sum = status.Terms!.Sum(term => Quantity.Parse(term.Size!).ToDecimal());
        Assert.InRange(Math.Abs(sum - Quantity.Parse(status.PerGPU!).ToDecimal()), 0, status.Terms!.Count * (1L << 27));
        Assert.NotNull(status.LargestTerm);
        Assert.All(status.Assumptions!, assumption => Assert.InRange(assumption.Length, 1, 512));
    }

    [Theory]
    [InlineData(Example.TooLarge)]
    [InlineData("""{"model": {"name": "meta-llama/Llama-3.1-70B"}, "training": {"sequenceLength": 8192, "framework": "DDP"}, "parallelism": {"data": 8}}""")]
    [InlineData("""{"model": {"name": "meta-llama/Llama-3.1-8B"}, "training": {"sequenceLength": 65536, "microBatchSize": 4, "attention": "Eager"}, "parallelism": {"tensor": 2, "data": 2}}""")]
    [InlineData("""{"model": {"name": "meta-llama/Llama-3.1-8B"}, "training": {"sequenceLength": 1024}, "parallelism": {"data": 1}, "placement": {"pools": ["nvidia-a10g"]}}""")]
    public void Applying_a_suggestions_patch_leads_to_what_it_promises(string spec)
    {
        var pools = Example.Inventory(Example.Node("h100-0"), Example.Node("h100-1"), Example.Node("a10g-0", "NVIDIA-A10G", "23028", 4));
        var decision = Jobs.Decide(Jobs.Stored(spec, template: null), pools);
        Assert.True(decision.Plan.Verdict.Rejects());
        var suggestions = StatusText.Suggestions(decision.Plan);
        Assert.NotEmpty(suggestions);
        foreach (var suggestion in suggestions)
        {
            var changed = Jobs.Decide(Example.Job("sft", Patched(spec, suggestion.Patch!)), pools).Plan;
            Assert.Equal((suggestion.Verdict, suggestion.Pool, suggestion.Gpus), (changed.Verdict, changed.Best!.Pool.Name, changed.Best.Gpus));
            Assert.Equal(suggestion.PerGPU, StatusText.Quantity(changed.Best.Estimate.Expected));
        }
    }

    [Fact]
    public void A_job_that_fits_needs_no_suggestions() => Assert.Empty(StatusText.Suggestions(Jobs.Decide(Jobs.Stored(Example.Small)).Plan));

    [Fact]
    public void The_plan_says_what_was_rewritten() =>
        Assert.Matches("^nvidia.com/gpu 0→[1-8]$", StatusText.Plan(Jobs.Decide(Jobs.Stored(Example.Several)))!.Rewritten);

    private static string Patched(string spec, string patch)
    {
        var job = new JsonObject { ["spec"] = JsonNode.Parse(spec) };
        Merge(job, JsonNode.Parse(patch)!.AsObject());
        return job["spec"]!.ToJsonString();
    }

    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
            if (value is JsonObject child && target[name] is JsonObject present)
                Merge(present, child);
            else
                target[name] = value?.DeepClone();
    }
}
