namespace GpuMem.Kubernetes.Tests.Client;

public sealed class ProxyTests
{
    private const string Secret = "proxy-secret";

    [Fact]
    public async Task Calls_go_through_the_proxy_with_its_password()
    {
        await using FakeApiServer api = await FakeApiServer.StartAsync();
        using FakeProxy proxy = new("me", Secret);
        using KubernetesClient client = Client(api, proxy, Secret);
        Task<VersionInfo> version = client.GetServerVersionAsync();
        Assert.Equal($"{api.Host.Host}:{api.Host.Port}", await proxy.Tunnels.NextAsync());
        await (await api.NextAsync()).ReplyAsync("{}");
        await version;
    }

    [Fact]
    public async Task T3_A_proxy_that_refuses_the_password_does_not_make_it_public()
    {
        await using FakeApiServer api = await FakeApiServer.StartAsync();
        using FakeProxy proxy = new("me", "another");
        using KubernetesClient client = Client(api, proxy, Secret);
        HttpRequestException refused = await Assert.ThrowsAsync<HttpRequestException>(() => client.CreateAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = "a" } }));
        Assert.Contains("407", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, refused.ToString(), StringComparison.Ordinal);
        Assert.True(proxy.Tunnels.IsEmpty);
    }

    private static KubernetesClient Client(FakeApiServer api, FakeProxy proxy, string password) => new(new KubernetesClientConfiguration
    {
        Host = api.Host,
        SslCaCerts = api.Authorities,
        ProxyUrl = new Uri($"http://me:{password}@127.0.0.1:{proxy.Port}"),
    });
}
