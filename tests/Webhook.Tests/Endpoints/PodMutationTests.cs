using System.Globalization;
using System.Text.Json.Nodes;
using GpuMem.Api.Nodes;
using GpuMem.Api.TrainingJobs;
using GpuMem.Webhook.Tests.Support;

namespace GpuMem.Webhook.Tests.Endpoints;

public sealed class PodMutationTests
{
    private static readonly PoolInventory H100 = Example.Inventory(Example.Node("h100-0"), Example.Node("h100-1"));

    private static readonly TrainingJob Several = Example.Job("sft", Example.Several);

    [Fact]
    public async Task A_pod_without_a_GPU_count_gets_the_plans_count_pool_and_shared_memory()
    {
        var spec = (await MutatedAsync(Review.Pod("sft")))["spec"]!;
        Assert.InRange(int.Parse((string)spec["containers"]![0]!["resources"]!["limits"]!["nvidia.com/gpu"]!, CultureInfo.InvariantCulture), 2, 8);
        Assert.Equal("NVIDIA-H100-80GB-HBM3", (string?)spec["nodeSelector"]!["nvidia.com/gpu.product"]);
        Assert.Contains(spec["tolerations"]!.AsArray(), toleration => (string?)toleration!["key"] == "nvidia.com/gpu");
        Assert.Contains(spec["containers"]![0]!["volumeMounts"]!.AsArray(), mount => (string?)mount!["mountPath"] == "/dev/shm");
    }

    [Fact]
    public async Task A_second_pass_over_the_patched_pod_changes_nothing()
    {
        await using var server = await WebhookServer.StartAsync(H100, Several);
        var once = await MutatedAsync(Review.Pod("sft"));
        var again = await server.AskAsync("/mutate-pod", Review.OfPod(once.ToJsonString()));
        Assert.True((bool)again["allowed"]!);
        Assert.False(again.ContainsKey("patch") || again.ContainsKey("patchType"));
    }

    [Fact]
    public async Task The_patched_pod_passes_validation_without_a_warning()
    {
        await using var server = await WebhookServer.StartAsync(H100, Several);
        var answer = await server.AskAsync("/validate-pod", Review.OfPod((await MutatedAsync(Review.Pod("sft"))).ToJsonString()));
        Assert.True((bool)answer["allowed"]!);
        Assert.Null(answer["warnings"]);
    }

    [Fact]
    public async Task Fields_unknown_to_us_are_left_alone()
    {
        var pod = Review.Pod("sft", extra: "\"fieldOfTheFuture\": {\"a/b~c\": [1, null, {}]}, ");
        var mutated = await MutatedAsync(pod);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(pod)!["spec"]!["fieldOfTheFuture"], mutated["spec"]!["fieldOfTheFuture"]));
    }

    [Fact]
    public async Task A_GPU_count_that_the_author_gave_is_not_touched()
    {
        var mutated = await MutatedAsync(Review.Pod("sft", gpus: 4));
        Assert.Equal("4", (string?)mutated["spec"]!["containers"]![0]!["resources"]!["limits"]!["nvidia.com/gpu"]);
        Assert.Null(mutated["metadata"]!["annotations"]);
    }

    [Fact]
    public async Task A_pod_that_a_controller_made_is_left_as_its_owner_counted_it()
    {
        await using var server = await WebhookServer.StartAsync(H100, Several);
        var pod = Review.Pod("sft").Replace("\"labels\"", """
            "ownerReferences": [{"apiVersion": "batch/v1", "kind": "Job", "name": "train", "uid": "1", "controller": true}], "labels"
            """, StringComparison.Ordinal);
        Assert.Null((await server.AskAsync("/mutate-pod", Review.OfPod(pod)))["patch"]);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("none")]
    public async Task A_pod_that_no_job_describes_is_not_touched(string? job)
    {
        await using var server = await WebhookServer.StartAsync(H100, Several);
        var answer = await server.AskAsync("/mutate-pod", Review.OfPod(Review.Pod(job)));
        Assert.Equal(["allowed", "uid"], answer.Select(member => member.Key).Order());
    }

    [Fact]
    public async Task A_pod_of_a_job_that_cannot_fit_is_left_for_validation_to_deny()
    {
        await using var server = await WebhookServer.StartAsync(H100, Example.Job("sft", Example.TooLarge));
        Assert.Null((await server.AskAsync("/mutate-pod", Review.OfPod(Review.Pod("sft"))))["patch"]);
        Assert.False((bool)(await server.AskAsync("/validate-pod", Review.OfPod(Review.Pod("sft"))))["allowed"]!);
    }

    private static async Task<JsonObject> MutatedAsync(string pod)
    {
        await using var server = await WebhookServer.StartAsync(H100, Several);
        var answer = await server.AskAsync("/mutate-pod", Review.OfPod(pod));
        Assert.True((bool)answer["allowed"]!);
        Assert.Equal("JSONPatch", (string?)answer["patchType"]);
        var mutated = JsonNode.Parse(pod)!.AsObject();
        JsonPatch.Apply(mutated, Convert.FromBase64String((string)answer["patch"]!));
        return mutated;
    }
}
