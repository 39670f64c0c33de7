using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using GpuMem.Api.Cluster;
using GpuMem.Api.Nodes;
using GpuMem.Api.TrainingJobs;
using GpuMem.Webhook.Endpoints;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GpuMem.Webhook.Tests.Support;

/// <summary>The endpoints over a cluster that does not change, without a network.</summary>
internal sealed class WebhookServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WebhookServer(WebApplication app) => (_app, Http) = (app, app.GetTestClient());

    public HttpClient Http { get; }

    public static Task<WebhookServer> StartAsync(PoolInventory inventory, params TrainingJob[] jobs) =>
        StartAsync(new FixedCluster(inventory, jobs), new Rights());

    public static async Task<WebhookServer> StartAsync(IClusterState cluster, ITemplateAuthorization rights, int turns = 4, ILoggerProvider? log = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (log is not null)
            builder.Logging.AddProvider(log);
        builder.WebHost.UseTestServer();
        builder.Services.AddSingleton(cluster);
        builder.Services.AddSingleton(rights);
        builder.Services.AddSingleton(new BodyBudget(RunningHost.Options.MaxReviewBytesAtOnce));
        builder.Services.AddSingleton(new ReviewTurns(turns));
        builder.Services.AddSingleton<AdmissionHandlers>();
        builder.Services.AddSingleton<WorkloadHandler>();
        builder.Services.AddSingleton<TrainingJobHandler>();
        builder.Services.AddSingleton<ModelServerHandler>();
        builder.Services.AddSingleton<AdmissionEndpoints>();
        var app = builder.Build();
        app.Services.GetRequiredService<AdmissionEndpoints>().Map(app);
        await app.StartAsync();
        return new WebhookServer(app);
    }

    /// <summary>Sends a review that must be answered by one, and returns the <c>response</c> in it.</summary>
    public async Task<JsonObject> AskAsync(string path, string review)
    {
        using var answer = await PostAsync(path, Encoding.UTF8.GetBytes(review));
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}: {text}");
        return JsonNode.Parse(text)!["response"]!.AsObject();
    }

    public async Task<HttpResponseMessage> PostAsync(string path, byte[] body, string contentType = "application/json")
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        return await Http.PostAsync(new Uri(path, UriKind.Relative), content);
    }

    public ValueTask DisposeAsync()
    {
        Http.Dispose();
        return _app.DisposeAsync();
    }
}
