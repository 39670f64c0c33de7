using GpuMem.Evaluation;
using GpuMem.Evaluation.Cases;

namespace GpuMem.Evaluation.Tests;

public sealed class CaseScorerTests
{
    [Fact]
    public void Each_metric_is_held_against_its_own_number()
    {
        double Expected(string metric) => CaseScorer.Score(CaseReader.Parse(CaseText.With("measured.metric", $"\"{metric}\""))).Own!.Value.Expected.GiB;
        Assert.True(Expected("Allocated") < Expected("Reserved"));
        Assert.True(Expected("Reserved") < Expected("Process"));
    }

    [Fact]
    public void The_error_is_expected_over_measured_less_one()
    {
        var score = CaseScorer.Score(CaseReader.Parse(CaseText.Bytes));
        Assert.Equal((score.Own!.Value.Expected.GiB / 33.0) - 1, score.Error!.Value, tolerance: 1e-12);
    }

    [Fact]
    public void The_name_of_a_case_changes_nothing()
    {
        var one = CaseScorer.Score(CaseReader.Parse(CaseText.Bytes));
        var other = CaseScorer.Score(CaseReader.Parse(CaseText.With("id", "\"something-else\"")));
        Assert.Equal(one.Own, other.Own);
    }

    [Fact]
    public void A_job_that_cannot_be_is_told_with_its_reason()
    {
        var score = CaseScorer.Score(CaseReader.Parse(CaseText.With("model.architecture.kvHeads", "7")));
        Assert.Null(score.Own);
        Assert.NotNull(score.Problem);
    }

    [Fact]
    public void Bounds_are_ordered()
    {
        var own = CaseScorer.Score(CaseReader.Parse(CaseText.Bytes)).Own!.Value;
        Assert.True(own.Lower <= own.Expected && own.Expected <= own.Upper);
    }
}
