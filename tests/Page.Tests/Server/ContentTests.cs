using System.Text.RegularExpressions;

namespace GpuMem.Page.Tests.Server;

public sealed partial class ContentTests(RunningPage page) : IClassFixture<RunningPage>
{
    private static readonly string Content = Path.Combine(RepositoryRoot.Path, "src", "Page", "Content");

    public static TheoryData<string> Files => [.. Directory.EnumerateFiles(Content, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Content, file))];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_file_is_served_with_its_type_and_only_once(string file)
    {
        using var first = await page.Client.GetAsync(new Uri(page.Url, file));
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(Content, file)), await first.Content.ReadAsByteArrayAsync());
        Assert.Equal(Path.GetExtension(file) switch { ".html" => "text/html", ".css" => "text/css", ".js" => "text/javascript", _ => "image/svg+xml" }, first.Content.Headers.ContentType!.MediaType);

        using var again = new HttpRequestMessage(HttpMethod.Get, new Uri(page.Url, file)) { Headers = { IfNoneMatch = { first.Headers.ETag! } } };
        Assert.Equal(HttpStatusCode.NotModified, (await page.Client.SendAsync(again)).StatusCode);
    }

    [Fact]
    public async Task The_browser_is_told_to_run_nothing_from_elsewhere_and_nothing_inline()
    {
        using var response = await page.Client.GetAsync(page.Url);
        var policy = string.Join(' ', response.Headers.GetValues("Content-Security-Policy"));

        Assert.Contains("default-src 'self'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal(["nosniff"], response.Headers.GetValues("X-Content-Type-Options"));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Nothing_is_fetched_from_the_internet(string file) =>
        Assert.DoesNotMatch(Elsewhere(), (await File.ReadAllTextAsync(Path.Combine(Content, file))).Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal));

    [Fact]
    public async Task Every_module_is_asked_for_at_once_and_not_one_after_the_other()
    {
        var index = await page.Client.GetStringAsync(page.Url);

        Assert.All(Directory.EnumerateFiles(Path.Combine(Content, "modules")), module => Assert.Contains($"<link rel=\"modulepreload\" href=\"modules/{Path.GetFileName(module)}\">", index, StringComparison.Ordinal));
    }

    [GeneratedRegex("https?://|//cdn|@import", RegexOptions.IgnoreCase)]
    private static partial Regex Elsewhere();
}
