using GpuMem.Webhook.Tests.Support;

namespace GpuMem.Webhook.Tests.Endpoints;

/// <summary>Pods far beyond what anybody writes by hand, and legal.</summary>
public sealed class ExtremePodTests
{
    private const string Plain = "nothing of the kind";

    private static readonly Dictionary<string, (string Labels, string Annotations, string Spec, string Container)> Pods = new()
    {
        ["1,000 tolerations"] = ("", "", $"\"tolerations\": [{Many(1_000, i => $$"""{"key": "example.com/taint-{{i}}", "operator": "Exists"}""")}], ", ""),
        ["10,000 labels"] = (Many(10_000, i => $"\"example.com/label-{i}\": \"{i}\"") + ", ", "", "", ""),
        ["an annotation of 3 MB"] = ("", $"\"a\": \"{new string('x', 3_000_000)}\"", "", ""),
        ["a variable of 3 MB"] = ("", "", "", $$""" "env": [{"name": "A", "value": "{{new string('x', 3_000_000)}}"}], """),
    };

    public static TheoryData<string> Cases => [.. Pods.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task They_are_judged_as_any_other(string what)
    {
        await using var server = await WebhookServer.StartAsync(
            Example.Inventory(Example.Node("h100-0")), Example.Job("small", Example.Small), Example.Job("large", Example.TooLarge));
        var (small, large) = (Review.OfPod(Pod(what, "small")), Review.OfPod(Pod(what, "large")));
        // Twice, for an answer that is remembered must be the same.
        for (var i = 0; i < 2; i++)
        {
            Assert.True((bool)(await server.AskAsync("/validate-pod", small))["allowed"]!);
            Assert.True((bool)(await server.AskAsync("/mutate-pod", small))["allowed"]!);
            var denied = await server.AskAsync("/validate-pod", large);
            Assert.False((bool)denied["allowed"]!);
            Assert.Contains("GiB", (string?)denied["status"]!["message"]);
        }
    }

    [Theory]
    [InlineData("10,000 labels")]
    [InlineData("an annotation of 3 MB")]
    [InlineData("a variable of 3 MB")]
    public async Task What_no_decision_asks_for_changes_no_answer(string what)
    {
        await using var server = await WebhookServer.StartAsync(
            Example.Inventory(Example.Node("h100-0")), Example.Job("small", Example.Small), Example.Job("large", Example.TooLarge));
        foreach (var (job, path) in new[] { ("small", "/validate-pod"), ("small", "/mutate-pod"), ("large", "/validate-pod"), ("large", "/mutate-pod") })
        {
            var plain = await server.AskAsync(path, Review.OfPod(Pod(Plain, job)));
            Assert.Equal(plain.ToJsonString(), (await server.AskAsync(path, Review.OfPod(Pod(what, job)))).ToJsonString());
        }
    }

    private static string Many(int count, Func<int, string> item) => string.Join(',', Enumerable.Range(0, count).Select(item));

    private static string Pod(string what, string job)
    {
        var (labels, annotations, spec, container) = what == Plain ? ("", "", "", "") : Pods[what];
        return $$$$"""
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "trainer-0", "labels": { {{{{labels}}}} "gpumem.io/training-job": "{{{{job}}}}"}, "annotations": { {{{{annotations}}}} } },
             "spec": { {{{{spec}}}} "containers": [{ {{{{container}}}} "name": "trainer", "image": "pytorch", "resources": {"limits": {"nvidia.com/gpu": "1"} } }]}}
            """;
    }
}
