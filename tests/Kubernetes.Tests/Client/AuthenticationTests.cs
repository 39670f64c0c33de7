using System.Net;
using GpuMem.Kubernetes.Configuration;

namespace GpuMem.Kubernetes.Tests.Client;

public sealed class AuthenticationTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();
    private readonly ManualTime _time = new();

    [Fact]
    public async Task R21_A_refused_token_is_read_again_once_and_the_call_repeated()
    {
        await using FakeApiServer api = await FakeApiServer.StartAsync();
        using KubernetesClient client = await ClientAsync(api, "old");
        Task<VersionInfo> version = client.GetServerVersionAsync();
        FakeCall first = await api.NextAsync();
        Assert.Equal("Bearer old", first.Authorization);
        await File.WriteAllTextAsync(_path, "new");
        await first.FailAsync(401, "Unauthorized");
        FakeCall second = await api.NextAsync();
        Assert.Equal("Bearer new", second.Authorization);
        await second.ReplyAsync("{}");
        await version;
    }

    [Fact]
    public async Task R21_A_token_that_did_not_change_is_not_tried_again()
    {
        await using FakeApiServer api = await FakeApiServer.StartAsync();
        using KubernetesClient client = await ClientAsync(api, "same");
        Task<VersionInfo> version = client.GetServerVersionAsync();
        await (await api.NextAsync()).FailAsync(401, "Unauthorized");
        KubernetesException refused = await Assert.ThrowsAsync<KubernetesException>(() => version);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.DoesNotContain("same", refused.ToString(), StringComparison.Ordinal);
        Assert.False(api.HasUnanswered);
    }

    [Fact]
    public async Task R21_The_file_is_read_again_each_minute_and_a_gap_is_bridged()
    {
        TokenFileCredentials credentials = new(_path, _time);
        await File.WriteAllTextAsync(_path, "one\n");
        Assert.Equal("one", (await credentials.GetAsync(false, default)).Token);
        await File.WriteAllTextAsync(_path, "two");
        Assert.Equal("one", (await credentials.GetAsync(false, default)).Token);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("two", (await credentials.GetAsync(false, default)).Token);
        File.Delete(_path);
        Assert.Equal("two", (await credentials.GetAsync(true, default)).Token);
    }

    public void Dispose() => File.Delete(_path);

    private async Task<KubernetesClient> ClientAsync(FakeApiServer api, string token)
    {
        await File.WriteAllTextAsync(_path, token);
        return new KubernetesClient(new KubernetesClientConfiguration
        {
            Host = api.Host,
            SslCaCerts = api.Authorities,
            Credentials = new TokenFileCredentials(_path, _time),
        });
    }
}
