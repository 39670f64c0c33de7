using GpuMem.Evaluation;

namespace GpuMem.Evaluation.Tests;

public sealed class CaseMetricTests
{
    [Theory]
    [InlineData("Allocated")]
    [InlineData("Active")]
    public void Allocated_memory_is_held_against_allocated(string metric)
    {
        var score = Score(metric);
        Assert.Equal(new MemoryBounds(score.Estimate!.LowerBound, score.Estimate.Allocated, score.Estimate.AllocatedUpperBound), score.Own);
    }

    [Fact]
    public void Reserved_memory_is_held_against_reserved()
    {
        var score = Score("Reserved");
        Assert.Equal(new MemoryBounds(score.Estimate!.LowerBound, score.Estimate.Reserved, score.Estimate.ReservedUpperBound), score.Own);
    }

    [Theory]
    [InlineData("Process")]
    [InlineData("Unspecified")]
    public void The_whole_process_is_held_against_all_of_it(string metric)
    {
        var score = Score(metric);
        Assert.Equal(new MemoryBounds(score.Estimate!.LowerBound, score.Estimate.Expected, score.Estimate.UpperBound), score.Own);
    }

    [Fact]
    public void The_error_is_relative_to_what_was_measured()
    {
        var score = Score("Reserved");
        Assert.Equal((score.Estimate!.Reserved.GiB / 32.1) - 1, score.Error);
        Assert.Equal(-0.5, score.ErrorOf(16.05)!.Value, tolerance: 1e-12);
    }

    [Fact]
    public void What_only_fits_has_no_error()
    {
        var score = CaseScorer.Score(ExampleCase.Parse(("measured", """{ "metric": "Fits", "gib": null, "component": null }""")));
        Assert.NotNull(score.Estimate);
        Assert.Null(score.Error);
    }

    [Theory]
    [InlineData("weights", TermKind.Weights)]
    [InlineData("kv_cache", TermKind.KeyValueCache)]
    [InlineData("logits", TermKind.Logits)]
    [InlineData("activations", TermKind.Activations)]
    [InlineData("weights_and_kv_cache", TermKind.Weights, TermKind.KeyValueCache)]
    [InlineData("non_torch", TermKind.CudaContext, TermKind.Nccl)]
    public void A_component_is_held_against_that_component_and_not_against_rules_for_whole_jobs(string component, params TermKind[] kinds)
    {
        var score = CaseScorer.Score(ExampleCase.Parse(("mode", "\"Inference\""), ("inference", ExampleCase.Serving), ("measured.component", $"\"{component}\"")));
        Assert.True(score.IsComponent);
        Assert.Equal(new Bytes(score.Estimate!.Terms.Where(term => kinds.Contains(term.Kind)).Sum(term => term.Expected.Value)), score.Own!.Value.Expected);
        Assert.Equal(GpuMem.Evaluation.Baselines.BaselineSizes.None, score.Baselines);
    }

    [Fact]
    public void Rules_for_training_are_silent_about_inference()
    {
        var score = CaseScorer.Score(ExampleCase.Parse(("mode", "\"Inference\""), ("inference", ExampleCase.Serving)));
        Assert.False(score.IsTraining);
        Assert.Equal(GpuMem.Evaluation.Baselines.BaselineSizes.None, score.Baselines);
    }

    [Fact]
    public void A_job_that_cannot_be_estimated_says_why()
    {
        var score = CaseScorer.Score(ExampleCase.Parse(("batch.sequenceLength", "0")));
        Assert.Null(score.Estimate);
        Assert.Contains("sequenceLength", score.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_beyond_any_job_are_a_problem_and_no_crash()
    {
        var score = CaseScorer.Score(ExampleCase.Parse(("batch.gradientAccumulation", "9223372036854775807")));
        Assert.NotNull(score.Problem);
    }

    private static CaseScore Score(string metric) => CaseScorer.Score(ExampleCase.Parse(("measured.metric", $"\"{metric}\"")));
}
