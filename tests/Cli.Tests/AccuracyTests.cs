namespace GpuMem.Cli.Tests;

/// <summary>What <c>gpumem evaluate</c> says of whole files of cases, and the page that is made of it.</summary>
public sealed class AccuracyTests
{
    private static readonly string Cases = Path.Combine(RepositoryRoot.Path, "tests", "Evaluation.Tests", "Cases");

    private static readonly string Docs = Path.Combine(RepositoryRoot.Path, "docs");

    private const string Renewal = """
        is stale; renew it in the root of the repository with
        dotnet run --project src/Cli -- evaluate tests/Evaluation.Tests/Cases/cases.dev.jsonl \
          --reports tests/Evaluation.Tests/Cases/cases.reports.jsonl --accuracy docs/accuracy.md --plot docs/accuracy.svg
        """;

    [Theory]
    [InlineData("accuracy.md")]
    [InlineData("accuracy.svg")]
    public async Task The_page_on_accuracy_and_its_picture_are_what_evaluate_writes(string name)
    {
        using var folder = new Folder();
        var (page, plot) = (Path.Combine(folder.Path, "accuracy.md"), Path.Combine(folder.Path, "accuracy.svg"));
        string[] arguments = ["evaluate", Path.Combine(Cases, "cases.dev.jsonl"), "--reports", Path.Combine(Cases, "cases.reports.jsonl")];
        var run = await Run.Of([.. arguments, "--accuracy", page, "--plot", plot]);
        Assert.Equal((0, ""), (run.Status, run.Error));

        var written = await File.ReadAllTextAsync(Path.Combine(folder.Path, name));
        Assert.True(written == await File.ReadAllTextAsync(Path.Combine(Docs, name)), $"docs/{name} {Renewal}");
    }

    [Fact]
    public async Task The_headline_of_the_readme_is_that_of_the_page()
    {
        var page = await File.ReadAllLinesAsync(Path.Combine(Docs, "accuracy.md"));
        var readme = await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, "README.md"));

        Assert.All(["| **left out** | ", "| all, in sample | "], start =>
        {
            var cells = Assert.Single(page, line => line.StartsWith(start, StringComparison.Ordinal)).Split(" | ");
            Assert.All([cells[1], cells[3], cells[4]], figure => Assert.Contains(figure, readme, StringComparison.Ordinal));
        });
    }

    [Fact]
    public async Task Left_out_figures_stand_beside_those_in_sample_for_people_and_for_machines()
    {
        var file = Path.Combine(Cases, "cases.dev.jsonl");

        Assert.Contains("left-out median", (await Run.Of("evaluate", file)).Output, StringComparison.Ordinal);
        var json = (await Run.Of("evaluate", file, "--json")).Json["leaveOneSourceOut"]!;
        Assert.NotNull((double?)json["established"]!["leftOut"]!["errors"]!["median"]);
        Assert.Equal(
            json["programs"]!.AsArray().Sum(program => (int)program!["cases"]!),
            (int)json["established"]!["cases"]! + (int)json["experimental"]!["cases"]!);
    }
}
