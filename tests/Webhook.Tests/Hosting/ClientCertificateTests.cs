using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using GpuMem.Webhook.Certificates;
using GpuMem.Webhook.Tests.Support;

namespace GpuMem.Webhook.Tests.Hosting;

/// <summary>The real listener, asked to answer none but the API servers of a CA.</summary>
[Trait("Fault", "C30")]
public sealed class ClientCertificateTests : IAsyncLifetime
{
    private const string ForClients = "1.3.6.1.5.5.7.3.2";

    private const string ForServers = "1.3.6.1.5.5.7.3.1";

    private readonly string _file = Path.GetTempFileName();

    private readonly X509Certificate2 _authority = Authority();

    private RunningHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(_file, _authority.ExportCertificatePem());
        _host = await RunningHost.StartAsync(new InMemoryApi(), RunningHost.Options with { Clients = new ClientAuthorities(_file, ["kube-apiserver"]) });
        await _host.WaitForAsync("/readyz", answer => answer.Status == 200);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        File.Delete(_file);
    }

    [Fact]
    public async Task An_API_server_of_the_CA_is_answered() => Assert.Equal(HttpStatusCode.OK, await AskAsync(SignedBy(_authority)));

    [Fact]
    public async Task Who_shows_no_certificate_is_not() => await IsRefusedAsync(null);

    [Fact]
    public async Task Nor_who_shows_one_of_another_CA()
    {
        using var foreign = Authority();
        await IsRefusedAsync(SignedBy(foreign));
    }

    [Fact]
    public async Task Nor_a_server_s_own_certificate_which_is_not_made_for_clients() => await IsRefusedAsync(SignedBy(_authority, purpose: ForServers));

    [Fact]
    public async Task Nor_another_client_of_the_same_CA() => await IsRefusedAsync(SignedBy(_authority, "somebody"));

    [Fact]
    public async Task Nor_who_shows_one_that_has_ended() => await IsRefusedAsync(SignedBy(_authority, ends: DateTimeOffset.UtcNow.AddHours(-1)));

    [Fact]
    public async Task A_CA_that_takes_its_place_counts_from_the_next_connection_and_nonsense_takes_none()
    {
        using var next = Authority();
        await File.WriteAllTextAsync(_file, next.ExportCertificatePem());
        Assert.Equal(HttpStatusCode.OK, await AskAsync(SignedBy(next)));
        await IsRefusedAsync(SignedBy(_authority));

        await File.WriteAllTextAsync(_file, "-----BEGIN CERTIFICATE-----\nhalf");
        Assert.Equal(HttpStatusCode.OK, await AskAsync(SignedBy(next)));
    }

    [Fact]
    public async Task Probes_and_metrics_are_asked_by_others_and_need_none() => Assert.Equal(200, (await _host.ProbeAsync("/metrics")).Status);

    [Fact]
    public void A_file_without_a_CA_is_an_error_at_once()
    {
        File.WriteAllText(_file, "none");
        Assert.Contains("no PEM certificate", Assert.Throws<InvalidDataException>(() => new ClientAuthorities(_file, [])).Message, StringComparison.Ordinal);
    }

    private async Task IsRefusedAsync(X509Certificate2? shown) => await Assert.ThrowsAsync<HttpRequestException>(() => AskAsync(shown));

    private async Task<HttpStatusCode> AskAsync(X509Certificate2? shown)
    {
        using var sockets = new SocketsHttpHandler();
#pragma warning disable CA5359 // Whether we trust the webhook is another test's matter.
        sockets.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        sockets.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => shown!;
        using var http = new HttpClient(sockets) { BaseAddress = _host.Https };
        using var body = new StringContent(Review.OfPod(Review.Pod(null)), Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri("/validate-pod", UriKind.Relative), body);
        return answer.StatusCode;
    }

    private static X509Certificate2 Authority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=authority {Guid.NewGuid()}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-2), DateTimeOffset.UtcNow.AddDays(2));
    }

    private static X509Certificate2 SignedBy(X509Certificate2 authority, string name = "kube-apiserver", string purpose = ForClients, DateTimeOffset? ends = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false));
        using var signed = request.Create(authority, DateTimeOffset.UtcNow.AddDays(-1), ends ?? DateTimeOffset.UtcNow.AddDays(1), RandomNumberGenerator.GetBytes(8));
        using var whole = signed.CopyWithPrivateKey(key);
        // A key that was never in a store is ephemeral, which TLS stacks on some platforms refuse.
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }
}
