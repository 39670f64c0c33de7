using System.Security.Cryptography;
using GpuMem.TestKit;

namespace GpuMem.Image.Tests;

/// <summary>What hack/release.sh makes of the executable and the image that are tested here.</summary>
public sealed class ReleaseTests : IAsyncLifetime
{
    private static readonly string Version = File.ReadLines(Path.Combine(RepositoryRoot.Path, "charts", "gpumem", "Chart.yaml")).First(line => line.StartsWith("version: ", StringComparison.Ordinal))[9..];

    private readonly string _folder = Directory.CreateTempSubdirectory("gpumem-").FullName;

    public async ValueTask InitializeAsync() => await MakeAsync("first");

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task It_has_everything_by_its_checksum_and_made_again_it_is_the_same()
    {
        await MakeAsync("second");
        var first = Sums("first");
        Assert.Equal(
            ["NOTES.md", "SHA256SUMS", "crds.yaml", $"gpumem-{Version}.tgz", "gpumem-image.tar", "gpumem-linux-amd64.tar.gz", "gpumem.cdx.json", "gpumem.krew.yaml"],
            first.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(first.OrderBy(file => file.Key, StringComparer.Ordinal), Sums("second").OrderBy(file => file.Key, StringComparer.Ordinal));
        var told = File.ReadAllLines(Path.Combine(_folder, "first", "SHA256SUMS")).Select(line => line.Split("  ")).ToDictionary(parts => parts[1], parts => parts[0]);
        Assert.All(first.Where(file => file.Key != "SHA256SUMS"), file => Assert.Equal(file.Value, told[file.Key]));
    }

    [Fact]
    public async Task Helm_takes_the_chart_and_krew_finds_the_executable()
    {
        var (exitCode, output, error) = await Script.RunAsync(await ClientTool.PathAsync("helm"), ["template", "gpumem", Path.Combine(_folder, "first", $"gpumem-{Version}.tgz")]);
        Assert.True(exitCode == 0, error);
        Assert.Contains("kind: ValidatingWebhookConfiguration", output);

        var manifest = await File.ReadAllTextAsync(Path.Combine(_folder, "first", "gpumem.krew.yaml"));
        Assert.Contains($"sha256: {Sums("first")["gpumem-linux-amd64.tar.gz"]}", manifest);
        Assert.Contains("uri: https://example.com/releases/download/v1/gpumem-linux-amd64.tar.gz", manifest);
        var (_, files, _) = await Script.RunAsync("tar", ["-tzf", Path.Combine(_folder, "first", "gpumem-linux-amd64.tar.gz")]);
        Assert.Equal(["gpumem", "LICENSE"], files.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_version_that_the_tree_does_not_have_is_refused_with_what_to_do()
    {
        var (exitCode, _, error) = await Script.RunAsync(Path.Combine(RepositoryRoot.Path, "hack", "release.sh"), ["9.9.9", "--built", "--to", Path.Combine(_folder, "other")]);
        Assert.NotEqual(0, exitCode);
        Assert.Contains("charts/gpumem/Chart.yaml does not say 9.9.9: set version and appVersion", error);
    }

    private async Task MakeAsync(string name)
    {
        var (exitCode, _, error) = await Script.RunAsync(
            Path.Combine(RepositoryRoot.Path, "hack", "release.sh"), [Version, "--built", "--to", Path.Combine(_folder, name), "--base-url", "https://example.com/releases/download/v1"]);
        Assert.True(exitCode == 0, error);
    }

    private Dictionary<string, string> Sums(string name) => Directory.EnumerateFiles(Path.Combine(_folder, name))
        .ToDictionary(file => Path.GetFileName(file), file => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))));
}
