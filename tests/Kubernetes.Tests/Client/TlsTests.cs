using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace GpuMem.Kubernetes.Tests.Client;

public sealed class TlsTests : IDisposable
{
    private readonly TestCertificates _authority = new();

    [Fact]
    public Task T1_The_right_name_signed_by_our_authority_is_trusted() =>
        AssertTrustedAsync(_authority.Server("localhost"), _authority.Authorities, null);

    [Fact]
    public Task T1_A_wrong_name_signed_by_our_authority_is_refused() =>
        AssertRefusedAsync(_authority.Server("wrong.example", loopbackAddress: false), _authority.Authorities);

    [Fact]
    public async Task T1_A_foreign_authority_is_refused()
    {
        using TestCertificates foreign = new();
        await AssertRefusedAsync(_authority.Server("localhost"), foreign.Authorities);
    }

    [Fact]
    public Task T1_An_expired_certificate_is_refused() =>
        AssertRefusedAsync(_authority.Server("localhost", expired: true), _authority.Authorities);

    [Fact]
    public Task T1_The_configured_server_name_is_the_one_that_is_checked() =>
        AssertTrustedAsync(_authority.Server("kubernetes.example", loopbackAddress: false), _authority.Authorities, "kubernetes.example");

    [Fact]
    public async Task T1_A_configured_server_name_that_does_not_match_is_refused() =>
        await AssertRefusedAsync(_authority.Server("localhost"), _authority.Authorities, "kubernetes.example");

    [Fact]
    public async Task T1_Nothing_is_checked_only_when_the_kubeconfig_says_so_by_name()
    {
        await using FakeApiServer api = await FakeApiServer.StartAsync(_authority.Server("wrong.example", loopbackAddress: false, expired: true));
        using KubernetesClient client = new(new KubernetesClientConfiguration { Host = api.Host, SkipTlsVerify = true });
        Task<VersionInfo> version = client.GetServerVersionAsync();
        await (await api.NextAsync()).ReplyAsync("{}");
        await version;
    }

    public void Dispose() => _authority.Dispose();

    private static async Task AssertTrustedAsync(X509Certificate2 server, X509Certificate2Collection trusted, string? name)
    {
        await using FakeApiServer api = await FakeApiServer.StartAsync(server);
        using KubernetesClient client = Client(api, trusted, name);
        Task<VersionInfo> version = client.GetServerVersionAsync();
        await (await api.NextAsync()).ReplyAsync("""{"gitVersion":"v1.36.0"}""");
        Assert.Equal("v1.36.0", (await version).GitVersion);
    }

    private static async Task AssertRefusedAsync(X509Certificate2 server, X509Certificate2Collection trusted, string? name = null)
    {
        await using FakeApiServer api = await FakeApiServer.StartAsync(server);
        using KubernetesClient client = Client(api, trusted, name);
        HttpRequestException refused = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetServerVersionAsync());
        Assert.IsType<AuthenticationException>(refused.InnerException);
        Assert.False(api.HasUnanswered);
    }

    private static KubernetesClient Client(FakeApiServer api, X509Certificate2Collection trusted, string? name) =>
        new(new KubernetesClientConfiguration { Host = api.Host, SslCaCerts = trusted, TlsServerName = name });
}
