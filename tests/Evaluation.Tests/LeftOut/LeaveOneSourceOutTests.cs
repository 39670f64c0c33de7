using System.Globalization;
using GpuMem.Catalogues.Models;
using GpuMem.Estimation.Calibration;
using GpuMem.Estimation.Models;
using GpuMem.Evaluation.LeftOut;

namespace GpuMem.Evaluation.Tests.LeftOut;

/// <summary>
/// Jobs with 10 GiB allocated and nothing beside it: the table expects 8 % more to be reserved, 10.8 GiB, and at most 20 %, 12 GiB.
/// </summary>
public sealed class LeaveOneSourceOutTests
{
    // Five runs that say a slack of 20 %, five that say 10 %, one that says 15 %.
    private static readonly ScoredCase[] Several =
        [.. Enumerable.Repeat(Run("a/a", 12), 5), .. Enumerable.Repeat(Run("b/b", 11), 5), Run("c/c", 11.5)];

    [Fact]
    public void A_run_says_how_much_its_allocator_held_beyond_what_was_used()
    {
        var slack = MeasuredSlack.Of(Run("a/a", 12))!.Value;

        Assert.Equal(0.2, slack.Expected, tolerance: 1e-9);
        Assert.Equal(0.2, slack.Upper, tolerance: 1e-9);
        Assert.Equal("a", slack.Publisher);
    }

    [Fact]
    public void Allocated_memory_says_nothing_of_the_allocator() => Assert.Null(MeasuredSlack.Of(Run("a/a", 12, metric: "Allocated")));

    [Fact]
    public void Each_source_is_predicted_from_the_others()
    {
        var program = Assert.Single(new LeaveOneSourceOut(Several).Programs);

        // Without a: five runs of 10 % and one of 15 %, so 11 GiB for 12. Without b: 12 for 11. Without c: half-way between, 11.5 for 11.5.
        Assert.Equal((11, 3), (program.Cases, program.Sources));
        Assert.Equal((12 / 11.0) - 1, program.LeftOut.Errors!.Worst, tolerance: 1e-6);
        Assert.Equal(1 / 12.0, program.LeftOut.Errors.Median, tolerance: 1e-6);
        Assert.Equal(((5 * ((11 / 12.0) - 1)) + (5 * ((12 / 11.0) - 1))) / 11, program.LeftOut.Errors.Bias, tolerance: 1e-6);
    }

    [Fact]
    public void Bounds_are_fitted_without_the_source_too()
    {
        var program = Assert.Single(new LeaveOneSourceOut(Several).Programs);

        // In sample 12 GiB cover all. Without a the bound is 10 % and most of the way to 15 %, which does not cover 12.
        Assert.Equal(1, program.InSample.Covered);
        Assert.Equal(6 / 11.0, program.LeftOut.Covered!.Value, tolerance: 1e-9);
    }

    [Fact]
    public void What_does_not_pass_through_the_allocator_is_predicted_as_before()
    {
        ScoredCase[] allocated = [Run("a/a", 9, metric: "Allocated"), Run("b/b", 9, metric: "Allocated")];
        var program = Assert.Single(new LeaveOneSourceOut(allocated).Programs);

        Assert.Equal(program.InSample.Errors, program.LeftOut.Errors);
    }

    [Fact]
    public void A_program_of_one_source_is_experimental_and_no_part_of_the_headline()
    {
        var scores = new LeaveOneSourceOut([.. Several, Run("d/d", 20, trainer: "LitGpt"), Run("d/other", 20, trainer: "LitGpt")]);

        Assert.Equal((11, 3), (scores.Established.Cases, scores.Established.Sources));
        Assert.Equal((2, 1), (scores.Experimental.Cases, scores.Experimental.Sources));
        Assert.Equal(["Torchtitan", "LitGpt"], scores.Programs.Select(program => program.Name));
    }

    [Fact]
    public void A_source_alone_cannot_be_left_out()
    {
        var program = Assert.Single(new LeaveOneSourceOut([Run("a/a", 12)]).Programs);

        Assert.NotNull(program.InSample.Errors);
        Assert.Null(program.LeftOut.Errors);
    }

    [Fact]
    public void The_allocator_table_tells_how_many_cases_and_sources_stand_behind_it()
    {
        var counted = new LeaveOneSourceOut(MeasuredCases.Fitted.Select(item => new ScoredCase(CaseScorer.Score(item)))).Allocator;

        Assert.Equal(
            counted.Select(line => (line.Use, line.Cases, line.Sources)),
            Enum.GetValues<AllocatorUse>().Select(use => (use, AllocatorSlack.Of(use).Cases, AllocatorSlack.Of(use).Sources)));
    }

    private static ScoredCase Run(string source, double measured, string metric = "Reserved", string trainer = "Torchtitan")
    {
        var (allocated, expected, upper) = (Bytes.FromGiB(10), Bytes.FromGiB(10.8m), Bytes.FromGiB(12));
        var inside = metric == "Allocated";
        return new ScoredCase(new CaseScore
        {
            Case = ExampleCase.Parse(
                ("source", $"\"github:{source}\""),
                ("trainer", $"\"{trainer}\""),
                ("measured.metric", $"\"{metric}\""),
                ("measured.gib", measured.ToString(CultureInfo.InvariantCulture))),
            Own = new MemoryBounds(Bytes.Zero, inside ? allocated : expected, inside ? allocated : upper),
            Estimate = new Estimate
            {
                Terms = [],
                Expected = expected,
                Needed = allocated,
                UpperBound = upper,
                LowerBound = Bytes.Zero,
                Allocated = allocated,
                AllocatedUpperBound = allocated,
                Reserved = expected,
                ReservedUpperBound = upper,
                AllocatorUse = AllocatorUse.Undivided,
                PeakPhase = Phase.Loss,
                WorstPipelineStage = 0,
                Confidence = Confidence.High,
                Assumptions = [],
                Model = ModelCatalogue.TryFind("meta-llama/Llama-3.1-8B", out var model, out _) ? model : throw new InvalidOperationException(),
            },
        });
    }
}
