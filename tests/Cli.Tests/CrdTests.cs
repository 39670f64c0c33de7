namespace GpuMem.Cli.Tests;

public sealed class CrdTests
{
    private static readonly string Committed = Path.Combine(RepositoryRoot.Path, "config", "crd");

    [Fact]
    public async Task What_is_printed_is_what_is_committed()
    {
        var run = await Run.Of("crd");
        var files = Directory.GetFiles(Committed, "*.yaml").Order(StringComparer.Ordinal).Select(File.ReadAllText);
        Assert.Equal((0, string.Join("---\n", files)), (run.Status, run.Output));
    }

    [Fact]
    public async Task What_is_written_is_what_is_committed()
    {
        using var folder = new Folder();
        var target = Path.Combine(folder.Path, "new", "folder");
        Assert.Equal((0, ""), ((await Run.Of("crd", "--write", target)).Status, (await Run.Of("crd", "--write", target)).Output));
        Assert.Equal(
            Directory.GetFiles(Committed).Select(Path.GetFileName).Order(),
            Directory.GetFiles(target).Select(Path.GetFileName).Order());
        Assert.All(Directory.GetFiles(target), file => Assert.Equal(File.ReadAllText(Path.Combine(Committed, Path.GetFileName(file))), File.ReadAllText(file)));
    }

    /// <summary>What Artifact Hub shows of the chart.</summary>
    [Fact]
    public async Task The_chart_lists_each_with_an_example_that_is_read()
    {
        var chart = await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, "charts", "gpumem", "Chart.yaml"));
        Assert.All(Directory.GetFiles(Committed, "*.yaml"), file => Assert.Contains($"name: {Path.GetFileNameWithoutExtension(file)}.gpumem.io,", chart, StringComparison.Ordinal));

        using var folder = new Folder();
        var examples = chart[(chart.IndexOf("crdsExamples: |\n", StringComparison.Ordinal) + "crdsExamples: |\n".Length)..].Replace("    - ", "---\n", StringComparison.Ordinal).Replace("\n      ", "\n", StringComparison.Ordinal);
        var run = await Run.Of("admit", "-f", folder.Write("examples.yaml", examples), "--nodes", Path.Combine(RepositoryRoot.Path, "config", "samples", "nodes", "h100.yaml"));
        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.All(["trainingjob/llama-8b-sft: allowed", "modelserver/llama-70b: allowed"], name => Assert.Contains(name, run.Output, StringComparison.Ordinal));
    }
}
