using GpuMem.Api.Cluster;
using GpuMem.Webhook.Endpoints;
using GpuMem.Webhook.Tests.Support;

namespace GpuMem.Webhook.Tests.Endpoints;

public sealed class TemplateAuthorizationTests
{
    private static readonly string WithTemplate = Example.With(Example.Small, "template", """{"spec": {"containers": [{"name": "trainer", "image": "a"}]}}""");

    private static readonly string OtherTemplate = Example.With(Example.Small, "template", """{"spec": {"containers": [{"name": "trainer", "image": "b"}]}}""");

    private readonly InMemoryApi _api = new();

    [Fact]
    public async Task An_author_who_may_not_create_pods_is_denied_and_told_what_to_ask_for()
    {
        _api.AllowsEverything = false;
        await using var server = await StartAsync(new SubjectAccessTemplateAuthorization(_api));
        var answer = await server.AskAsync("/validate-trainingjob", Review.OfJob(Review.Job(WithTemplate)));
        Assert.False((bool)answer["allowed"]!);
        Assert.Equal((403, "Forbidden"), ((int)answer["status"]!["code"]!, (string?)answer["status"]!["reason"]));
        Assert.Contains("'ada' may not create pods in namespace 'team-a'", (string?)answer["status"]!["message"]);
        Assert.Contains("ask for the right to create pods", (string?)answer["status"]!["message"]);
    }

    [Fact]
    public async Task An_author_who_may_create_pods_is_allowed()
    {
        await using var server = await StartAsync(new SubjectAccessTemplateAuthorization(_api));
        Assert.True((bool)(await server.AskAsync("/validate-trainingjob", Review.OfJob(Review.Job(WithTemplate))))["allowed"]!);
        Assert.Equal("create subjectaccessreviews", Assert.Single(_api.Writes).Trim());
    }

    [Fact]
    public async Task A_review_that_names_nobody_is_denied()
    {
        await using var server = await StartAsync(new SubjectAccessTemplateAuthorization(_api));
        var review = Review.OfJob(Review.Job(WithTemplate)).Replace("\"username\": \"ada\"", "\"username\": \"\"", StringComparison.Ordinal);
        Assert.False((bool)(await server.AskAsync("/validate-trainingjob", review))["allowed"]!);
    }

    [Fact]
    public async Task A_job_without_template_makes_no_pods_so_nobody_is_asked()
    {
        var rights = new Rights(() => "no");
        await using var server = await StartAsync(rights);
        Assert.True((bool)(await server.AskAsync("/validate-trainingjob", Review.OfJob(Review.Job(Example.Small))))["allowed"]!);
        Assert.Empty(rights.Asked);
    }

    [Fact]
    public async Task An_update_that_leaves_the_template_alone_is_not_asked_about_again()
    {
        var rights = new Rights(() => "no");
        await using var server = await StartAsync(rights);
        var suspended = Review.Job(Example.With(WithTemplate, "suspend", "true"));
        Assert.True((bool)(await server.AskAsync("/validate-trainingjob", Review.OfJob(suspended, "UPDATE", Review.Job(WithTemplate))))["allowed"]!);
        Assert.Empty(rights.Asked);
    }

    [Theory]
    [InlineData("another")]
    [InlineData("none")]
    [InlineData("null")]
    public async Task An_update_that_changes_or_adds_the_template_is_asked_about(string before)
    {
        var rights = new Rights(() => "no");
        await using var server = await StartAsync(rights);
        var old = before switch { "another" => OtherTemplate, "none" => Example.Small, _ => Example.With(Example.Small, "template", "null") };
        Assert.False((bool)(await server.AskAsync("/validate-trainingjob", Review.OfJob(Review.Job(WithTemplate), "UPDATE", Review.Job(old))))["allowed"]!);
        Assert.Equal(["ada"], rights.Asked);
    }

    [Fact]
    public async Task When_nobody_can_say_the_job_is_denied_inside_a_well_formed_answer()
    {
        await using var server = await StartAsync(new Rights(() => throw new IOException("the API server hung up")));
        var answer = await server.AskAsync("/validate-trainingjob", Review.OfJob(Review.Job(WithTemplate)));
        Assert.False((bool)answer["allowed"]!);
        Assert.Equal(500, (int)answer["status"]!["code"]!);
        Assert.Contains("try again", (string?)answer["status"]!["message"]);
    }

    private static Task<WebhookServer> StartAsync(ITemplateAuthorization rights) =>
        WebhookServer.StartAsync(new FixedCluster(Example.Inventory(Example.Node("h100-0")), []), rights);
}
