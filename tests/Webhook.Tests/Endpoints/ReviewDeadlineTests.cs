using GpuMem.Api.Cluster;
using GpuMem.Webhook.Endpoints;
using GpuMem.Webhook.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace GpuMem.Webhook.Tests.Endpoints;

public sealed class ReviewDeadlineTests
{
    [Theory]
    [InlineData("?timeout=10s", 9)]
    [InlineData("?timeout=30s", 29)]
    [InlineData("?timeout=1s", 0.5)]
    [InlineData("?timeout=0s", 0)]
    [InlineData("", 9)]
    [InlineData("?timeout=", 9)]
    [InlineData("?timeout=s", 9)]
    [InlineData("?timeout=-1s", 9)]
    [InlineData("?timeout=31s", 9)]
    [InlineData("?timeout=99999999999s", 9)]
    [InlineData("?timeout=soon", 9)]
    public void It_ends_before_the_API_server_stops_waiting(string query, double seconds)
    {
        var request = new DefaultHttpContext().Request;
        request.QueryString = new QueryString(query);
        Assert.Equal(TimeSpan.FromSeconds(seconds), ReviewDeadline.Of(request));
    }

    [Fact]
    public async Task Who_cannot_be_asked_about_in_time_is_denied_in_words()
    {
        await using var server = await WebhookServer.StartAsync(new FixedCluster(Example.Inventory(Example.Node("h100-0")), []), new Silent());
        var job = Review.Job(Example.With(Example.Small, "template", """{"spec": {"containers": []}}"""));
        var answer = await server.AskAsync("/validate-trainingjob?timeout=0s", Review.OfJob(job));
        Assert.False((bool)answer["allowed"]!);
        Assert.Equal(500, (int)answer["status"]!["code"]!);
        Assert.Contains("did not say in time", (string?)answer["status"]!["message"]);
    }

    /// <summary>Never answers.</summary>
    private sealed class Silent : ITemplateAuthorization
    {
        public Task<string?> WhyNotOverrideAsync(UserInfo? user, string? ns, string resource, CancellationToken cancellationToken) => WhyNotAsync(user, ns, cancellationToken);

        public async Task<string?> WhyNotAsync(UserInfo? user, string? ns, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return null;
        }
    }
}
