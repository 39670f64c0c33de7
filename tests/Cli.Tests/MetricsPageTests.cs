namespace GpuMem.Cli.Tests;

/// <summary>The page on metrics is what the command writes.</summary>
public sealed class MetricsPageTests
{
    [Fact]
    public async Task The_page_lists_what_operator_and_webhook_measure()
    {
        var file = Path.GetTempFileName();
        await Run.Of("metrics", "--page", file);
        var written = await File.ReadAllTextAsync(file);
        File.Delete(file);

        Assert.True(
            written == await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, "docs", "metrics.md")),
            "docs/metrics.md is stale; renew it with gpumem metrics --page docs/metrics.md");
        Assert.Contains("| `gpumem_webhook_reviews_total` | counter |", written, StringComparison.Ordinal);
    }
}
