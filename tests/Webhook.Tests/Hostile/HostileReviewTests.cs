using GpuMem.Webhook.Tests.Support;

namespace GpuMem.Webhook.Tests.Hostile;

public sealed class HostileReviewTests
{
    [Trait("Fault", "C34")]
    [Trait("Fault", "C35")]
    [Trait("Fault", "C40")]
    [Trait("Fault", "C43")]
    [Trait("Fault", "C44")]
    [Fact]
    public async Task Thousands_of_hostile_reviews_are_each_answered_as_a_review_must_be_or_refused_with_the_reason()
    {
        using Faults faults = new();
        await using var server = await WebhookServer.StartAsync(HonestReviews.Cluster(), new Rights(), log: faults);
        List<string> wrong = [];
        var count = 0;
        foreach (var (name, path, body) in HostileReviews.All())
        {
            using var answer = await server.PostAsync(path, body);
            if (await Answers.WhatIsWrongAsync(answer, path) is { } what)
                wrong.Add($"{path}, {name}: {what} {string.Join('\n', faults.Take())}");
            count++;
        }
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {count}:\n{string.Join('\n', wrong.Take(40))}");
        Assert.True(count > 5_000);
    }

    [Fact]
    public async Task Honest_ones_are_answered_with_what_they_are_about()
    {
        await using var server = await WebhookServer.StartAsync(HonestReviews.Cluster(), new Rights());
        foreach (var (path, name, entity) in HonestReviews.Objects)
        {
            using var answer = await server.PostAsync(path, HonestReviews.Bytes(HonestReviews.Of(entity)));
            Assert.True(await Answers.WhatIsWrongAsync(answer, path) is null, name);
        }
    }
}
