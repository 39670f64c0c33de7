using System.Text.Json.Nodes;
using GpuMem.Api.Nodes;
using GpuMem.Webhook.Tests.Support;

namespace GpuMem.Webhook.Tests.Endpoints;

public sealed class PodValidationTests
{
    private static readonly PoolInventory H100 = Example.Inventory(Example.Node("h100-0"));

    [Fact]
    public async Task The_answer_is_a_review_of_the_same_version_and_kind_with_the_uid_of_the_question()
    {
        await using var server = await WebhookServer.StartAsync(H100);
        using var answer = await server.PostAsync("/validate-pod", System.Text.Encoding.UTF8.GetBytes(Review.OfPod(Review.Pod(null))));
        var review = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(("admission.k8s.io/v1", "AdmissionReview", Review.Uid), ((string?)review["apiVersion"], (string?)review["kind"], (string?)review["response"]!["uid"]));
        Assert.False(review.AsObject().ContainsKey("request"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    public async Task A_pod_that_no_job_describes_is_allowed_without_a_word(int gpus)
    {
        await using var server = await WebhookServer.StartAsync(H100, Example.Job("sft", Example.TooLarge));
        var answer = await server.AskAsync("/validate-pod", Review.OfPod(Review.Pod(null, gpus)));
        Assert.Equal(["allowed", "uid"], answer.Select(member => member.Key).Order());
        Assert.True((bool)answer["allowed"]!);
    }

    [Fact]
    public async Task A_pod_of_a_job_that_fits_is_allowed_without_a_warning()
    {
        await using var server = await WebhookServer.StartAsync(H100, Example.Job("sft", Example.Small));
        var answer = await server.AskAsync("/validate-pod", Review.OfPod(Review.Pod("sft", 1)));
        Assert.True((bool)answer["allowed"]!);
        Assert.Null(answer["warnings"]);
        Assert.Equal("Fits", (string?)answer["auditAnnotations"]!["verdict"]);
    }

    [Fact]
    public async Task A_pod_of_a_job_that_cannot_fit_is_denied_with_the_fix_in_the_first_200_characters()
    {
        await using var server = await WebhookServer.StartAsync(H100, Example.Job("sft", Example.TooLarge));
        var answer = await server.AskAsync("/validate-pod", Review.OfPod(Review.Pod("sft", 1)));
        var status = answer["status"]!;
        var message = (string)status["message"]!;
        Assert.False((bool)answer["allowed"]!);
        Assert.Equal((403, "Forbidden"), ((int)status["code"]!, (string?)status["reason"]));
        Assert.Matches(@"needs .+ GiB per GPU; NVIDIA-H100-80GB-HBM3 has .+ GiB \(.+ GiB short\)\. Fix: [a-zA-Z.]+=", message[..200]);
        Assert.InRange(message.Length, 200, 1000);
        Assert.Contains("kubectl", message);
        Assert.DoesNotContain("trainer-0", message);
        Assert.DoesNotContain("h100-0", message);
    }

    [Fact]
    public async Task A_job_whose_policy_only_warns_has_its_pods_admitted_with_a_warning()
    {
        await using var server = await WebhookServer.StartAsync(H100, Example.Job("sft", Example.With(Example.TooLarge, "policy", """{"mode": "Warn"}""")));
        await AllowedWithOneShortWarning(server, Review.Pod("sft", 1), "short");
    }

    [Fact]
    public async Task A_job_whose_policy_is_off_has_its_pods_admitted_without_a_word()
    {
        await using var server = await WebhookServer.StartAsync(H100, Example.Job("sft", Example.With(Example.TooLarge, "policy", """{"mode": "Off"}""")));
        var answer = await server.AskAsync("/validate-pod", Review.OfPod(Review.Pod("sft", 1)));
        Assert.True((bool)answer["allowed"]!);
        Assert.Null(answer["warnings"]);
    }

    [Fact]
    public async Task A_job_at_risk_is_allowed_with_one_warning()
    {
        await using var server = await WebhookServer.StartAsync(Example.PoolAtRisk(Example.TooLarge), Example.Job("sft", Example.TooLarge));
        await AllowedWithOneShortWarning(server, Review.Pod("sft", 1), "may run out of memory");
    }

    [Fact]
    public async Task GPUs_of_unknown_memory_are_allowed_with_one_warning()
    {
        await using var server = await WebhookServer.StartAsync(Example.Pool(null), Example.Job("sft", Example.TooLarge));
        await AllowedWithOneShortWarning(server, Review.Pod("sft", 1), "is not known");
    }

    [Fact]
    public async Task A_cluster_without_GPU_nodes_allows_with_one_warning()
    {
        await using var server = await WebhookServer.StartAsync(PoolInventory.Empty, Example.Job("sft", Example.TooLarge));
        await AllowedWithOneShortWarning(server, Review.Pod("sft", 1), "no GPU pool is known");
    }

    [Fact]
    public async Task Unknown_capacity_is_denied_where_policy_says_so()
    {
        var spec = Example.With(Example.TooLarge, "policy", """{"unknownCapacity": "Deny"}""");
        await using var server = await WebhookServer.StartAsync(Example.Pool(null), Example.Job("sft", spec));
        var answer = await server.AskAsync("/validate-pod", Review.OfPod(Review.Pod("sft", 1)));
        Assert.False((bool)answer["allowed"]!);
        Assert.Contains("nvidia.com/gpu.memory", (string?)answer["status"]!["message"]);
    }

    [Fact]
    public async Task A_label_that_names_no_job_is_allowed_with_one_warning()
    {
        await using var server = await WebhookServer.StartAsync(H100);
        await AllowedWithOneShortWarning(server, Review.Pod(new string('x', 63), 1), "no TrainingJob");
    }

    [Fact]
    public async Task A_job_of_another_namespace_does_not_describe_the_pod()
    {
        await using var server = await WebhookServer.StartAsync(H100, Example.Job("sft", Example.TooLarge, ns: "team-b"));
        await AllowedWithOneShortWarning(server, Review.Pod("sft", 1), "no TrainingJob");
    }

    [Fact]
    public async Task A_pod_is_described_by_the_job_that_targets_its_owner()
    {
        var job = Example.Job("sft", Example.With(Example.TooLarge, "targetRef", """{"apiVersion": "batch/v1", "kind": "Job", "name": "train"}"""));
        await using var server = await WebhookServer.StartAsync(H100, job);
        var pod = Review.Pod(null, 1).Replace("\"name\": \"trainer-0\"", """
            "name": "train-0", "ownerReferences": [{"apiVersion": "batch/v1", "kind": "Job", "name": "train", "uid": "1", "controller": true}]
            """, StringComparison.Ordinal);
        Assert.False((bool)(await server.AskAsync("/validate-pod", Review.OfPod(pod)))["allowed"]!);
    }

    [Fact]
    public async Task A_validating_answer_has_neither_patch_nor_patch_type()
    {
        await using var server = await WebhookServer.StartAsync(H100, Example.Job("sft", Example.Small), Example.Job("big", Example.TooLarge));
        foreach (var job in new[] { "sft", "big", "none" })
        {
            var answer = await server.AskAsync("/validate-pod", Review.OfPod(Review.Pod(job)));
            Assert.False(answer.ContainsKey("patch") || answer.ContainsKey("patchType"));
        }
    }

    private static async Task AllowedWithOneShortWarning(WebhookServer server, string pod, string says)
    {
        var answer = await server.AskAsync("/validate-pod", Review.OfPod(pod));
        Assert.True((bool)answer["allowed"]!);
        var warning = (string)Assert.Single(answer["warnings"]!.AsArray())!;
        Assert.Contains(says, warning);
        Assert.InRange(warning.Length, 1, 120);
        Assert.DoesNotContain(warning, char.IsControl);
    }
}
