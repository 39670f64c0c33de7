using System.Text;
using System.Text.Json.Nodes;
using GpuMem.Webhook.Certificates;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuMem.Webhook.Tests.Certificates;

public sealed class CaBundleWriterTests
{
    private static readonly EntityMetadata Validating = EntityMetadata.Of<V1ValidatingWebhookConfiguration>();

    private static readonly EntityMetadata Mutating = EntityMetadata.Of<V1MutatingWebhookConfiguration>();

    private static readonly string Bundle = Convert.ToBase64String(Encoding.ASCII.GetBytes("our CA"));

    private readonly InMemoryApi _api = new();

    private readonly CaBundleWriter _writer;

    public CaBundleWriterTests() =>
        _writer = new CaBundleWriter(_api, new WebhookOptions { Namespace = "gpumem-system" }, NullLogger<CaBundleWriter>.Instance);

    [Fact]
    public async Task Without_configurations_there_is_nothing_to_do_and_it_says_so()
    {
        Assert.False(await WriteAsync());
        Assert.Empty(_api.Writes);
    }

    [Fact]
    public async Task With_only_one_of_them_that_one_is_written()
    {
        await RegisterAsync(Validating, ("a", null));
        Assert.False(await WriteAsync());
        Assert.Equal(Bundle, CaOf<V1ValidatingWebhookConfiguration>(0));
    }

    [Fact]
    public async Task It_is_written_into_every_webhook_and_nothing_else_is_touched()
    {
        await RegisterAsync(Validating, ("a", null), ("b", "b2xk"));
        await RegisterAsync(Mutating, ("c", null));
        Assert.True(await WriteAsync());
        Assert.Equal((Bundle, Bundle, Bundle), (CaOf<V1ValidatingWebhookConfiguration>(0), CaOf<V1ValidatingWebhookConfiguration>(1), CaOf<V1MutatingWebhookConfiguration>(0)));
        Assert.Equal("Ignore", (string?)_api.Raw<V1ValidatingWebhookConfiguration>("gpumem")!["webhooks"]![1]!["failurePolicy"]);
    }

    [Fact]
    public async Task Written_twice_it_is_written_once()
    {
        await RegisterAsync(Validating, ("a", null));
        await RegisterAsync(Mutating, ("c", null));
        await WriteAsync();
        var writes = _api.Writes.Count;
        Assert.True(await WriteAsync());
        Assert.Equal(writes, _api.Writes.Count);
    }

    [Fact]
    public async Task A_list_that_changed_since_it_was_read_is_not_written_into()
    {
        await RegisterAsync(Validating, ("a", null), ("b", null));
        _api.OnCall = call =>
        {
            if (!call.StartsWith("patch validating", StringComparison.Ordinal))
                return;
            _api.OnCall = _ => { };
            RegisterAsync(Validating, ("stranger", null), ("b", null)).GetAwaiter().GetResult();
        };
        await Assert.ThrowsAsync<KubernetesException>(WriteAsync);
        Assert.Null(CaOf<V1ValidatingWebhookConfiguration>(0));
    }

    private Task<bool> WriteAsync() => _writer.WriteAsync("our CA", CancellationToken.None);

    private string? CaOf<T>(int index) => (string?)_api.Raw<T>("gpumem")!["webhooks"]![index]!["clientConfig"]!["caBundle"];

    private Task<JsonObject> RegisterAsync(EntityMetadata type, params (string Name, string? Bundle)[] webhooks)
    {
        var list = webhooks.Select(webhook => (JsonNode)new JsonObject
        {
            ["name"] = webhook.Name,
            ["failurePolicy"] = "Ignore",
            ["clientConfig"] = webhook.Bundle is null ? new JsonObject() : new JsonObject { ["caBundle"] = webhook.Bundle },
        });
        var configuration = new JsonObject { ["metadata"] = new JsonObject { ["name"] = "gpumem" }, ["webhooks"] = new JsonArray([.. list]) };
        return _api.ApplyAsync(type, configuration, "helm", force: true, CancellationToken.None);
    }
}
