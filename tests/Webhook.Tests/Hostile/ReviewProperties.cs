using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Xunit;
using GpuMem.Webhook.Tests.Support;

namespace GpuMem.Webhook.Tests.Hostile;

public sealed class ReviewProperties : IAsyncLifetime
{
    private readonly Faults _faults = new();

    private WebhookServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await WebhookServer.StartAsync(HonestReviews.Cluster(), new Rights(), log: _faults);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _faults.Dispose();
    }

    [Trait("Fault", "C51")]
    [Property(MaxTest = 500)]
    public async Task Whatever_becomes_of_a_review_it_is_answered_as_one_must_be_and_what_was_patched_is_not_patched_again(DoNotSize<int> seed)
    {
        var (path, body) = new ReviewMutator(seed.Item).Next();
        Assert.True(await WhatIsWrongAsync(path, body) is null, $"seed {seed.Item}: {await WhatIsWrongAsync(path, body)}\n{string.Join('\n', _faults.Take())}");
    }

    private async Task<string?> WhatIsWrongAsync(string path, byte[] body)
    {
        using var answer = await _server.PostAsync(path, body);
        if (await Answers.WhatIsWrongAsync(answer, path) is { } wrong)
            return wrong;
        if (!answer.IsSuccessStatusCode || Answers.Patched(body, await answer.Content.ReadAsStringAsync()) is not { } patched)
            return null;
        using var again = await _server.PostAsync(path, patched);
        var text = await again.Content.ReadAsStringAsync();
        return JsonNode.Parse(text)!["response"]!["patch"] is null ? null : $"patched twice: {text}";
    }
}
