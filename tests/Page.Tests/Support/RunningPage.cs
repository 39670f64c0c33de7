using System.Text;
using GpuMem.Page.Cluster;
using GpuMem.Page.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace GpuMem.Page.Tests.Support;

/// <summary>The page as <c>gpumem ui</c> serves it, on a port of its own; as a class fixture, or started with options.</summary>
public sealed class RunningPage : IAsyncLifetime
{
    private readonly PageOptions _options;
    private readonly ClusterReader? _cluster;
    private WebApplication? _app;

    public RunningPage()
        : this(new PageOptions())
    {
    }

    private RunningPage(PageOptions options, ClusterReader? cluster = null) => (_options, _cluster) = (options, cluster);

    public HttpClient Client { get; } = new();

    public Uri Url => Client.BaseAddress!;

    public static async Task<RunningPage> StartAsync(PageOptions options, ClusterReader? cluster = null)
    {
        var page = new RunningPage(options, cluster);
        await page.InitializeAsync();
        return page;
    }

    public async ValueTask InitializeAsync()
    {
        _app = PageHost.Build(_options with { Port = 0 }, _cluster, _ => { });
        await _app.StartAsync();
        Client.BaseAddress = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app!.DisposeAsync();
    }

    public async Task<JsonNode> GetAsync(string path) => JsonNode.Parse(await Client.GetStringAsync(new Uri(Url, path)))!;

    /// <summary>Fails where the answer is another.</summary>
    public async Task<JsonNode> PostAsync(string path, JsonNode body, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await Client.PostAsync(new Uri(Url, path), content);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == expected, $"{response.StatusCode}: {text}");
        return JsonNode.Parse(text)!;
    }

    public Task<JsonNode> EstimateAsync(JsonNode manifest, string? gpu = null)
    {
        var body = new JsonObject { ["manifest"] = manifest };
        if (gpu is not null)
            body["gpu"] = gpu;
        return PostAsync("/api/v1/estimate", body);
    }
}
