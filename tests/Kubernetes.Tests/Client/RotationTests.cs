using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using GpuMem.Kubernetes.Configuration;

namespace GpuMem.Kubernetes.Tests.Client;

/// <summary>Credentials that change while the client is in use.</summary>
public sealed class RotationTests : IAsyncLifetime
{
    private const string FirstToken = "first-secret-token";
    private const string SecondToken = "second-secret-token";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();
    private readonly ManualTime _time = new();
    private readonly TestCertificates _users = new();
    private readonly RecordingLogger<KubernetesClient> _logger = new();
    private FakeApiServer _api = null!;

    private string PluginRuns => Path.Combine(_folder.FullName, "runs");

    public async ValueTask InitializeAsync() => _api = await FakeApiServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        _users.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task R21_A_pod_uses_the_token_that_the_kubelet_puts_there_within_a_minute()
    {
        Write("ca.crt", _api.Authorities[0].ExportCertificatePem());
        MountToken("one", FirstToken);
        ServiceAccount account = new(_api.Host.Host, $"{_api.Host.Port}", _folder.FullName, _time);
        using KubernetesClient client = new(account.Configure(), timeProvider: _time);
        Assert.Equal($"Bearer {FirstToken}", await AuthorizationAsync(client));

        MountToken("two", SecondToken);
        Assert.Equal($"Bearer {FirstToken}", await AuthorizationAsync(client));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal($"Bearer {SecondToken}", await AuthorizationAsync(client));
    }

    [Fact]
    public async Task A_plugin_may_give_a_certificate_and_runs_once_for_all_calls_that_need_it()
    {
        using X509Certificate2 user = _users.Server("user");
        using KubernetesClient client = ClientWithPlugin(user);
        Task[] calls = [.. Enumerable.Range(0, 8).Select(_ => client.GetServerVersionAsync())];
        foreach (Task _ in calls)
        {
            FakeCall call = await _api.NextAsync();
            Assert.Equal(user.Thumbprint, call.ClientCertificate);
            await call.ReplyAsync("{}");
        }

        await Task.WhenAll(calls);
        Assert.Single(await File.ReadAllLinesAsync(PluginRuns));
    }

    [Fact]
    public async Task R21_A_refused_certificate_is_replaced_although_its_connection_is_still_open()
    {
        using X509Certificate2 first = _users.Server("user");
        using X509Certificate2 second = _users.Server("user");
        using KubernetesClient client = ClientWithPlugin(first);
        Task<VersionInfo> version = client.GetServerVersionAsync();
        FakeCall refused = await _api.NextAsync();
        Assert.Equal(first.Thumbprint, refused.ClientCertificate);
        WriteAnswer(second);
        await refused.FailAsync(401, "Unauthorized");
        FakeCall repeated = await _api.NextAsync();
        Assert.Equal(second.Thumbprint, repeated.ClientCertificate);
        await repeated.ReplyAsync("{}");
        await version;
        Assert.Equal(2, (await File.ReadAllLinesAsync(PluginRuns)).Length);
    }

    [Fact]
    public async Task T3_Neither_log_nor_exception_shows_a_token()
    {
        using KubernetesClient client = new(_api.Configuration(FirstToken), logger: _logger, timeProvider: _time);
        Task<V1Secret?> secret = client.GetAsync<V1Secret>("a", "b");
        (await _api.NextAsync()).Abort();
        _time.Advance(await _time.TimerAsync(due => due < TimeSpan.FromSeconds(20)));
        Assert.DoesNotContain(FirstToken, await _logger.Lines.NextAsync(), StringComparison.Ordinal);
        FakeCall call = await _api.NextAsync();
        Assert.Equal($"Bearer {FirstToken}", call.Authorization);
        // Not base64, so the model cannot read it.
        await call.ReplyAsync($$$"""{"metadata":{"name":"a"},"data":{"password":"{{{SecondToken}}}!"}}""");
        Exception unreadable = await Assert.ThrowsAnyAsync<Exception>(() => secret);
        Assert.DoesNotContain(FirstToken, unreadable.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(SecondToken, unreadable.ToString(), StringComparison.Ordinal);
    }

    private async Task<string?> AuthorizationAsync(KubernetesClient client)
    {
        Task<VersionInfo> version = client.GetServerVersionAsync();
        FakeCall call = await _api.NextAsync();
        string? authorization = call.Authorization;
        await call.ReplyAsync("{}");
        await version;
        return authorization;
    }

    /// <summary>As the kubelet does: a new folder, then a link that moves to it.</summary>
    private void MountToken(string version, string token)
    {
        Directory.CreateDirectory(Path.Combine(_folder.FullName, version));
        Write($"{version}/token", token);
        string link = Path.Combine(_folder.FullName, "token");
        File.Delete(link);
        File.CreateSymbolicLink(link, Path.Combine(_folder.FullName, version, "token"));
    }

    private KubernetesClient ClientWithPlugin(X509Certificate2 answer)
    {
        Write("ca.crt", _api.Authorities[0].ExportCertificatePem());
        WriteAnswer(answer);
        Write("plugin.sh", $"echo run >> '{PluginRuns}'; cat '{Path.Combine(_folder.FullName, "answer")}'");
        Write("config", $$"""
            current-context: c
            contexts: [{name: c, context: {cluster: c, user: u} }]
            clusters: [{name: c, cluster: {server: "{{_api.Host}}", certificate-authority: ca.crt} }]
            users: [{name: u, user: {exec: {command: /bin/sh, args: [{{Path.Combine(_folder.FullName, "plugin.sh")}}]} } }]
            """);
        KubernetesClientConfiguration configuration = KubernetesClientConfiguration.BuildConfigFromConfigFile(Path.Combine(_folder.FullName, "config"));
        return new KubernetesClient(configuration, timeProvider: _time);
    }

    private void WriteAnswer(X509Certificate2 certificate) => Write("answer", new JsonObject
    {
        ["kind"] = "ExecCredential",
        ["status"] = new JsonObject
        {
            ["clientCertificateData"] = certificate.ExportCertificatePem(),
            ["clientKeyData"] = certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem(),
        },
    }.ToJsonString());

    private void Write(string name, string content) => File.WriteAllText(Path.Combine(_folder.FullName, name), content, new UTF8Encoding(false));
}
