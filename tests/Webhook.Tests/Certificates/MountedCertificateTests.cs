using System.Security.Cryptography.X509Certificates;
using GpuMem.Webhook.Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace GpuMem.Webhook.Tests.Certificates;

/// <summary>Files as a kubelet lays them out: links through <c>..data</c>, which is swapped as a whole.</summary>
public sealed class MountedCertificateTests : IDisposable
{
    private static readonly WebhookOptions Options = new() { Namespace = "gpumem-system" };

    private readonly string _folder = Directory.CreateTempSubdirectory("gpumem-").FullName;

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private readonly ServingCertificate _serving = new();

    private readonly Lines _log = new();

    private readonly MountedCertificate _mounted;

    private int _swaps;

    public MountedCertificateTests()
    {
        _mounted = new MountedCertificate(_folder, Options, _serving, _clock, _log);
        foreach (var name in new[] { "tls.crt", "tls.key" })
            File.CreateSymbolicLink(Path.Combine(_folder, name), Path.Combine("..data", name));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string> Unusable => ["a torn pair", "empty files", "garbage", "an expired one", "one not valid yet", "one for somebody else", "10 MB", "no files"];

    [Fact]
    public async Task What_is_mounted_is_served_and_so_is_what_takes_its_place()
    {
        Mount(Pair());
        await _mounted.ServeAsync(CancellationToken.None);
        var first = _serving.Current!.Thumbprint;
        Mount(Pair());
        Assert.True(await _mounted.RefreshAsync(CancellationToken.None));
        Assert.NotEqual(first, _serving.Current!.Thumbprint);
        Assert.Empty(_log);
    }

    [Trait("Fault", "C28")]
    [Theory]
    [MemberData(nameof(Unusable))]
    public async Task What_cannot_be_served_leaves_the_last_good_one_in_place_and_is_told_once(string what)
    {
        Mount(Pair());
        await _mounted.ServeAsync(CancellationToken.None);
        var good = _serving.Current!.Thumbprint;
        MountUnusable(what);
        for (var i = 0; i < 3; i++)
            await _mounted.RefreshAsync(CancellationToken.None);
        Assert.Equal(good, _serving.Current!.Thumbprint);
        Assert.Single(_log);
        Mount(Pair());
        await _mounted.RefreshAsync(CancellationToken.None);
        Assert.NotEqual(good, _serving.Current!.Thumbprint);
    }

    [Theory]
    [MemberData(nameof(Unusable))]
    public async Task Where_there_is_no_good_one_it_says_why_and_serves_nothing(string what)
    {
        MountUnusable(what);
        var error = await Assert.ThrowsAnyAsync<Exception>(() => _mounted.ServeAsync(CancellationToken.None));
        Assert.Contains(_folder, error.Message, StringComparison.Ordinal);
        Assert.Null(_serving.Current);
    }

    private CertificatePair Pair(string? host = null, double days = 0) =>
        CertificatePair.Create(Options.Certificate with { Hosts = [host ?? Options.HostNames[0]] }, _clock.GetUtcNow().AddDays(days));

    private void Mount(CertificatePair pair) => Mount(pair.Certificate, pair.Key);

    private void MountUnusable(string what)
    {
        switch (what)
        {
            case "a torn pair":
                Mount(Pair().Certificate, Pair().Key);
                break;
            case "empty files":
                Mount("", "");
                break;
            case "garbage":
                Mount("garbage", "garbage");
                break;
            case "an expired one":
                Mount(Pair(days: -400));
                break;
            case "one not valid yet":
                Mount(Pair(days: 1));
                break;
            case "one for somebody else":
                Mount(Pair("other.gpumem-system.svc"));
                break;
            case "10 MB":
                Mount(Pair().Certificate + new string('\n', 10_000_000), Pair().Key);
                break;
            default:
                Mount(null, null);
                break;
        }
    }

    private void Mount(string? certificate, string? key)
    {
        var folder = Path.Combine(_folder, $"..{_swaps++}");
        Directory.CreateDirectory(folder);
        if (certificate is not null)
            File.WriteAllText(Path.Combine(folder, "tls.crt"), certificate);
        if (key is not null)
            File.WriteAllText(Path.Combine(folder, "tls.key"), key);
        var data = Path.Combine(_folder, "..data");
        File.Delete(data);
        Directory.CreateSymbolicLink(data, Path.GetFileName(folder));
    }

    /// <summary>What was logged.</summary>
    private sealed class Lines : List<string>, ILogger<MountedCertificate>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Add(formatter(state, exception));
    }
}
