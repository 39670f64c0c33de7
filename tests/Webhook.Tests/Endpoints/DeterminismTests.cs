using System.Text;
using GpuMem.Webhook.Tests.Support;

namespace GpuMem.Webhook.Tests.Endpoints;

public sealed class DeterminismTests
{
    [Fact]
    public async Task The_same_question_gets_the_same_bytes_even_from_many_at_once()
    {
        await using var server = await WebhookServer.StartAsync(
            Example.Inventory(Example.Node("h100-0"), Example.Node("a10g-0", "NVIDIA-A10G", "23028", 4)),
            Example.Job("several", Example.Several),
            Example.Job("large", Example.TooLarge));
        var questions = new[]
        {
            ("/mutate-pod", Review.OfPod(Review.Pod("several"))),
            ("/validate-pod", Review.OfPod(Review.Pod("large", 1))),
            ("/validate-trainingjob", Review.OfJob(Review.Job(Example.TooLarge))),
        };
        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(async i =>
        {
            var (path, review) = questions[i % questions.Length];
            using var answer = await server.PostAsync(path, Encoding.UTF8.GetBytes(review));
            return (path, await answer.Content.ReadAsStringAsync());
        }));
        Assert.Equal(questions.Length, answers.Distinct().Count());
    }

    [Fact]
    [Trait("Fault", "C31")]
    public async Task Whoever_asks_a_pod_gets_the_same_answer()
    {
        await using var server = await WebhookServer.StartAsync(Example.Inventory(Example.Node("a10g-0", "NVIDIA-A10G", "23028", 4)), Example.Job("large", Example.TooLarge));
        var asked = Review.OfPod(Review.Pod("large", 1));
        HashSet<string> answers = [];
        foreach (var author in new[] { "ada", "system:masters", "system:serviceaccount:kube-system:default", "system:node:a10g-0", "" })
        {
            using var answer = await server.PostAsync("/validate-pod", Encoding.UTF8.GetBytes(asked.Replace("\"ada\", \"groups\": [\"system:authenticated\"]", $"\"{author}\", \"groups\": [\"system:masters\"]", StringComparison.Ordinal)));
            answers.Add(await answer.Content.ReadAsStringAsync());
        }
        Assert.Contains("\"allowed\":false", Assert.Single(answers));
    }
}
