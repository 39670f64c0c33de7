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
}
