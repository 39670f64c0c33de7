using System.Net;
using GpuMem.Kubernetes;
using GpuMem.Kubernetes.Models;
using GpuMem.TestKit.Faults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using k8s.Models;

namespace GpuMem.Cluster.Tests.Faults;

/// <summary>Between the real client and a plain server that stands for an API server.</summary>
public sealed class HttpFaultProxyTests : IAsyncLifetime
{
    private readonly TaskCompletionSource _watchEnds = new();

    private readonly string _kubeconfig = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.kubeconfig");

    private WebApplication? _server;

    private HttpFaultProxy? _proxy;

    private IKubernetesClient? _client;

    private HttpFaultProxy Proxy => _proxy!;

    private IKubernetesClient Client => _client!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.Run(ServeAsync);
        await _server.StartAsync();
        var source = $"{_kubeconfig}.source";
        await File.WriteAllTextAsync(source, $$"""
            apiVersion: v1
            kind: Config
            current-context: c
            contexts:
            - name: c
              context: {cluster: c, user: u}
            clusters:
            - name: c
              cluster:
                server: {{_server.Urls.First()}}
                certificate-authority-data: ""
            users:
            - name: u
              user:
                token: secret
            """);
        _proxy = await HttpFaultProxy.StartAsync(new KubernetesClientConfiguration { Host = new Uri(_server.Urls.First()) });
        await _proxy.WriteKubeconfigAsync(_kubeconfig, source);
        _client = new KubernetesClient(KubernetesClientConfiguration.BuildConfigFromConfigFile(_kubeconfig));
    }

    public async ValueTask DisposeAsync()
    {
        _watchEnds.TrySetResult();
        (_client as IDisposable)?.Dispose();
        await Proxy.DisposeAsync();
        await _server!.DisposeAsync();
        File.Delete(_kubeconfig);
        File.Delete($"{_kubeconfig}.source");
    }

    [Fact]
    public async Task Calls_pass_with_their_token_and_are_counted()
    {
        var map = await Client.CreateAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "a", NamespaceProperty = "ns" } });

        Assert.Equal("Bearer secret", map.Data!["authorization"]);
        var call = Assert.Single(Proxy.Calls);
        Assert.True(call.IsWrite);
        Assert.Equal(("POST", "configmaps", "/api/v1/namespaces/ns/configmaps"), (call.Method, call.Resource, call.Path));
    }

    [Theory]
    [InlineData("/apis/gpumem.io/v1alpha1/namespaces/a/trainingjobs/b/status", "trainingjobs/status")]
    [InlineData("/apis/gpumem.io/v1alpha1/namespaces/a/trainingjobs/b", "trainingjobs")]
    [InlineData("/api/v1/nodes", "nodes")]
    [InlineData("/api/v1/namespaces/a", "namespaces")]
    [InlineData("/version", "")]
    public void A_call_knows_its_resource(string path, string resource) => Assert.Equal(resource, new ApiCall("GET", path, false, 0).Resource);

    [Fact]
    public async Task A_fault_is_answered_instead()
    {
        Proxy.Fault = call => call.IsWrite ? InjectedFault.TooManyRequests(TimeSpan.FromSeconds(7)) : InjectedFault.Gone;
        using var http = new HttpClient(new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true });

        using var busy = await http.PostAsync(new Uri(Proxy.Host, "/api/v1/nodes"), null);
        using var gone = await http.GetAsync(new Uri(Proxy.Host, "/api/v1/nodes?watch=true"));

        Assert.Equal(HttpStatusCode.TooManyRequests, busy.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(7), busy.Headers.RetryAfter!.Delta);
        Assert.Equal(HttpStatusCode.Gone, gone.StatusCode);
    }

    [Fact]
    public async Task Events_stream_through_and_a_watch_can_be_ended_by_an_error_in_it()
    {
        List<string> seen = [];
        await foreach (var change in Client.WatchAsync<V1ConfigMap>(new ListOptions("ns", ResourceVersion: "1")))
        {
            seen.Add(change.Type == WatchEventType.Error ? $"{change.Status?.Code}" : change.Object!.Metadata.Name!);
            if (change.Type != WatchEventType.Error)
                Proxy.EndWatches(InjectedFault.GoneInStream);
        }

        Assert.Equal(["watched", "410"], seen);
    }

    private async Task ServeAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        var authorization = context.Request.Headers.Authorization.ToString();
        var map = (string name) => $$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{name}}","namespace":"ns","resourceVersion":"2"},"data": {"authorization": "{{authorization}}" } }""";
        if (context.Request.Query["watch"] != "true")
        {
            await context.Response.WriteAsync(map("a"));
            return;
        }
        await context.Response.WriteAsync($$"""{"type":"ADDED","object":{{map("watched")}}}""" + "\n");
        await context.Response.Body.FlushAsync();
        await _watchEnds.Task.WaitAsync(context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
