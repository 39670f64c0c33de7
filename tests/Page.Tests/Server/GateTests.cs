using System.Text;
using GpuMem.Page.Server;

namespace GpuMem.Page.Tests.Server;

/// <summary>Who may ask, by which name, and how much.</summary>
public sealed class GateTests(RunningPage page) : IClassFixture<RunningPage>
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost:1234")]
    [InlineData("[::1]:8090")]
    public async Task A_name_of_loopback_is_ours(string host) => Assert.Equal(HttpStatusCode.OK, (await AskAsync("/", host)).Status);

    [Theory]
    [InlineData("evil.example")]
    [InlineData("localhost.evil.example")]
    [InlineData("192.0.2.1")]
    [InlineData("127.0.0.1.evil.example:8090")]
    public async Task A_name_that_somebody_gave_our_address_is_not(string host)
    {
        var (status, text) = await AskAsync("/api/v1/cluster", host);

        Assert.Equal(HttpStatusCode.MisdirectedRequest, status);
        Assert.Contains("--host", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_was_given_is_ours()
    {
        await using var named = await RunningPage.StartAsync(new PageOptions { Hosts = ["gpumem.example"] });
        using var request = new HttpRequestMessage(HttpMethod.Get, named.Url) { Headers = { Host = "gpumem.example" } };

        Assert.Equal(HttpStatusCode.OK, (await named.Client.SendAsync(request)).StatusCode);
    }

    [Theory]
    [InlineData("https://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("null", HttpStatusCode.Forbidden)]
    [InlineData("http://localhost:1", HttpStatusCode.Forbidden)]
    [InlineData("http://localhost:8090", HttpStatusCode.OK)]
    public async Task Only_our_own_page_may_ask(string origin, HttpStatusCode expected) =>
        Assert.Equal(expected, (await AskAsync("/api/v1/cluster", "localhost:8090", origin)).Status);

    [Fact]
    public async Task What_a_foreign_form_could_send_is_not_read()
    {
        using var form = new StringContent("""{"manifest": {}}""", Encoding.UTF8, "text/plain");

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await page.Client.PostAsync(new Uri(page.Url, "/api/v1/estimate"), form)).StatusCode);
    }

    [Theory]
    [InlineData("/../../etc/passwd")]
    [InlineData("/%2e%2e/%2e%2e/etc/passwd")]
    [InlineData("/modules/..%2f..%2fetc%2fpasswd")]
    [InlineData("/appsettings.json")]
    [InlineData("/modules/")]
    [InlineData("/api/v1/nothing")]
    public async Task Nothing_is_served_but_the_page_and_its_api(string path)
    {
        var (status, text) = await AskAsync(path, "127.0.0.1");

        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Contains("there is nothing here", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Twenty_megabytes_are_refused_in_words()
    {
        using var body = new StringContent($$"""{"manifest": "{{new string('x', 20 << 20)}}"}""", Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(page.Url, "/api/v1/estimate")) { Content = body };
        request.Headers.ExpectContinue = true;
        using var response = await page.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("1 MiB", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"manifest": {}, "manifest": {}}""")]
    public async Task What_is_no_object_in_json_is_refused(string text)
    {
        using var body = new StringContent(text, Encoding.UTF8, "application/json");

        Assert.Equal(HttpStatusCode.BadRequest, (await page.Client.PostAsync(new Uri(page.Url, "/api/v1/manifest"), body)).StatusCode);
    }

    [Fact]
    public async Task A_wrong_method_is_told_the_right_one()
    {
        using var response = await page.Client.GetAsync(new Uri(page.Url, "/api/v1/estimate"));

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Contains("POST", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task<(HttpStatusCode Status, string Text)> AskAsync(string path, string host, string? origin = null)
    {
        // As it is: a Uri would tidy the path up.
        var uri = new Uri($"{page.Url.GetLeftPart(UriPartial.Authority)}{path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(HttpMethod.Get, uri) { Headers = { Host = host } };
        if (origin is not null)
            request.Headers.Add("Origin", origin);
        using var response = await page.Client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
