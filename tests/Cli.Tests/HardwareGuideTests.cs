namespace GpuMem.Cli.Tests;

/// <summary>The page on hardware is what the command writes.</summary>
public sealed class HardwareGuideTests
{
    [Fact]
    public async Task The_page_is_written_by_the_command_that_it_names()
    {
        var written = (await Run.Of("hardware-guide")).Output;

        Assert.True(
            written == await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, "docs", "hardware-guide.md")),
            "docs/hardware-guide.md is stale; renew it with gpumem hardware-guide --page docs/hardware-guide.md");
        Assert.Contains("gpumem hardware-guide --page docs/hardware-guide.md", written, StringComparison.Ordinal);
    }
}
