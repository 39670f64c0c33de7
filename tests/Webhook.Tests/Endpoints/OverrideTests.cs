using System.Text.Json.Nodes;
using GpuMem.Api.Cluster;
using GpuMem.Api.Nodes;
using GpuMem.Webhook.Tests.Support;

namespace GpuMem.Webhook.Tests.Endpoints;

/// <summary>Whoever has the right to may have admitted what is not expected to fit.</summary>
public sealed class OverrideTests
{
    [Fact]
    public async Task Who_may_not_override_is_refused_and_told_which_right_is_lacking()
    {
        var answer = await AskAsync(Review.OfJob(Overridden(Review.Job(Example.Small))), "ask for the verb override");

        Assert.False((bool)answer["allowed"]!);
        Assert.Contains("ask for the verb override", (string?)answer["status"]!["message"]);
    }

    [Fact]
    public async Task Who_may_override_is_asked_once_and_later_changes_are_free()
    {
        var job = Overridden(Review.Job(Example.Small));

        Assert.True((bool)(await AskAsync(Review.OfJob(job), null))["allowed"]!);
        Assert.True((bool)(await AskAsync(Review.OfJob(job, "UPDATE", job), "nobody may"))["allowed"]!);
        Assert.False((bool)(await AskAsync(Review.OfJob(job, "UPDATE", Review.Job(Example.Small)), "nobody may"))["allowed"]!);
    }

    [Fact]
    public async Task Pods_of_an_overridden_job_are_admitted_with_a_warning_and_the_reason_is_audited()
    {
        var job = Example.Job("sft", Example.TooLarge);
        job.Metadata.Annotations = new Dictionary<string, string> { ["gpumem.io/override"] = "measured: it runs" };
        await using var server = await WebhookServer.StartAsync(new FixedCluster(Inventory, [job]), new Rights());
        var answer = await server.AskAsync("/validate-pod", Review.OfPod(Review.Pod("sft", gpus: 1)));

        Assert.True((bool)answer["allowed"]!);
        Assert.StartsWith("needs ", (string?)answer["warnings"]![0]);
        Assert.Equal("measured: it runs", (string?)answer["auditAnnotations"]!["override"]);
    }

    private static PoolInventory Inventory => Example.Inventory(Example.Node("h100-0"));

    private static string Overridden(string job) => job.Replace("\"metadata\": {", "\"metadata\": {\"annotations\": {\"gpumem.io/override\": \"measured: it runs\"}, ", StringComparison.Ordinal);

    private static async Task<JsonObject> AskAsync(string review, string? whyNot)
    {
        await using var server = await WebhookServer.StartAsync(new FixedCluster(Inventory, []), new Rights(() => whyNot));
        return await server.AskAsync("/validate-trainingjob", review);
    }
}
