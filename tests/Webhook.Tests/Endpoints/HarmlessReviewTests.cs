using GpuMem.Webhook.Tests.Support;

namespace GpuMem.Webhook.Tests.Endpoints;

/// <summary>Reviews that are not about the creation of anything of ours.</summary>
public sealed class HarmlessReviewTests
{
    private static readonly string[] PodPaths = ["/mutate-pod", "/validate-pod"];

    public static TheoryData<string> PodReviews => new()
    {
        Review.OfPod(Review.Pod("sft", 1), "UPDATE", Review.Pod("sft", 1)),
        Review.OfPod(null, "DELETE", Review.Pod("sft", 1)),
        Review.OfPod("null", "DELETE", Review.Pod("sft", 1)),
        Review.OfPod(Review.Pod("sft", 1), "CONNECT"),
        Review.OfPod(null),
        Review.OfPod("null"),
        Review.OfPod("\"text\""),
        Review.OfPod("[]"),
        Review.OfPod("{}"),
        Review.OfPod("""{"metadata": null, "spec": null}"""),
        Review.OfPod("""{"metadata": {"labels": null}, "spec": {"containers": null}}"""),
        Review.OfPod(Review.Pod("sft", 1), members: "\"subResource\": \"ephemeralcontainers\", "),
        Review.OfPod(Review.Pod("sft", 1), members: "\"subResource\": \"eviction\", "),
        Review.OfPod(Review.Pod("sft", 1), "UPDATE", Review.Pod("sft", 1), "\"subResource\": \"ephemeralcontainers\", "),
        Review.OfPod(Review.Pod("sft", 8), "UPDATE", Review.Pod("sft", 1), "\"subResource\": \"resize\", "),
        Review.OfPod(Review.Pod("sft", 1), "UPDATE", Review.Pod("sft", 1), "\"subResource\": \"status\", "),
        Review.OfPod("""{"apiVersion": "v1", "kind": "Binding"}"""),
    };

    public static TheoryData<string> JobReviews => new()
    {
        Review.OfJob(null, "DELETE", Review.Job(Example.Small)),
        Review.OfJob("null", "DELETE", Review.Job(Example.Small)),
        Review.OfJob(null),
        Review.OfJob(Review.Job("{}"), members: "\"subResource\": \"status\", "),
        Review.OfJob(Review.Job("{}"), "CONNECT"),
    };

    [Theory]
    [MemberData(nameof(PodReviews))]
    public async Task Pods_are_allowed_without_a_word(string review)
    {
        await using var server = await WebhookServer.StartAsync(Example.Inventory(Example.Node("h100-0")), Example.Job("sft", Example.TooLarge));
        foreach (var path in PodPaths)
        {
            var answer = await server.AskAsync(path, review);
            Assert.Equal(["allowed", "uid"], answer.Select(member => member.Key).Order());
            Assert.True((bool)answer["allowed"]!);
        }
    }

    [Theory]
    [MemberData(nameof(JobReviews))]
    public async Task Jobs_are_allowed_without_a_word(string review)
    {
        await using var server = await WebhookServer.StartAsync(Example.Inventory(Example.Node("h100-0")));
        var answer = await server.AskAsync("/validate-trainingjob", review);
        Assert.Equal(["allowed", "uid"], answer.Select(member => member.Key).Order());
        Assert.True((bool)answer["allowed"]!);
    }

    [Fact]
    public async Task A_dry_run_is_answered_as_the_real_thing()
    {
        await using var server = await WebhookServer.StartAsync(Example.Inventory(Example.Node("h100-0")), Example.Job("sft", Example.TooLarge));
        foreach (var (path, review) in new (string, Func<string, string>)[]
        {
            ("/validate-pod", members => Review.OfPod(Review.Pod("sft", 1), members: members)),
            ("/mutate-pod", members => Review.OfPod(Review.Pod("sft"), members: members)),
            ("/validate-trainingjob", members => Review.OfJob(Review.Job(Example.TooLarge), members: members)),
        })
        {
            var real = await server.AskAsync(path, review("\"dryRun\": false, "));
            var dry = await server.AskAsync(path, review("\"dryRun\": true, "));
            Assert.Equal(real.ToJsonString(), dry.ToJsonString());
        }
    }
}
