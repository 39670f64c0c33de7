namespace GpuMem.Cli.Tests;

/// <summary>The page on models is what the command writes of the oracle's files.</summary>
public sealed class ModelsPageTests
{
    private const string How = "gpumem evaluate-models tests/Catalogues.Tests/oracle --page docs/models.md";

    [Fact]
    public async Task The_page_is_written_by_the_command_that_it_names()
    {
        using var folder = new Folder();
        var page = Path.Combine(folder.Path, "models.md");
        var run = await Run.Of("evaluate-models", Path.Combine(RepositoryRoot.Path, "tests", "Catalogues.Tests", "oracle"), "--page", page);
        Assert.Equal((0, ""), (run.Status, run.Error));

        var written = await File.ReadAllTextAsync(page);
        Assert.True(written == await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, "docs", "models.md")), $"docs/models.md is stale; renew it with {How}");
        Assert.Contains(How, written, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_named() =>
        Assert.Contains("/nowhere: no such folder", (await Run.Of("evaluate-models", "/nowhere")).Error, StringComparison.Ordinal);
}
