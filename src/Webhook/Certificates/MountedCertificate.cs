using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace GpuMem.Webhook.Certificates;

/// <summary>
/// A certificate that somebody else makes (cert-manager) and the kubelet mounts: <c>tls.crt</c> and <c>tls.key</c> in a folder. Who makes it also
/// tells the API server whom to trust. The files are read again and again, for the kubelet swaps the folder behind a link, which no watch of a
/// file sees; what cannot be served, torn or not, leaves the last good one in place.
/// </summary>
internal sealed partial class MountedCertificate(
    string folder, WebhookOptions options, ServingCertificate serving, TimeProvider timeProvider, ILogger<MountedCertificate> logger) : ICertificateSource
{
    private const int LargestFile = 1 << 20;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    private string? _problem;

    public async Task ServeAsync(CancellationToken cancellationToken)
    {
        if (await ProblemAsync(cancellationToken) is { } problem)
            throw new InvalidDataException(problem);
    }

    public async Task<bool> RefreshAsync(CancellationToken cancellationToken)
    {
        var problem = await ProblemAsync(cancellationToken);
        if (problem is not null && problem != _problem)
            LogKept(problem);
        _problem = problem;
        WebhookMeter.CertificateRefused.Record(problem is null ? 0 : 1);
        return true;
    }

    public Task DueAsync(CancellationToken cancellationToken) => Task.Delay(LookEvery, timeProvider, cancellationToken);

    public Task RunAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Null when what is mounted is served now.</summary>
    private async Task<string?> ProblemAsync(CancellationToken cancellationToken)
    {
        try
        {
            var certificate = await ReadAsync("tls.crt", cancellationToken);
            var key = await ReadAsync("tls.key", cancellationToken);
            using (var read = X509Certificate2.CreateFromPem(certificate, key))
                if (WhyNot(read, timeProvider.GetUtcNow()) is { } why)
                    return $"the certificate in {folder} {why}";
            serving.Use(certificate, key);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return error.Message;
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            return $"tls.crt and tls.key in {folder} are no certificate and its key: {error.Message}";
        }
    }

    private string? WhyNot(X509Certificate2 certificate, DateTimeOffset now)
    {
        if (now < certificate.Begin() || now > certificate.End())
            return $"is valid from {certificate.Begin().UtcDateTime:u} to {certificate.End().UtcDateTime:u} and not now";
        return options.HostNames.Any(host => certificate.MatchesHostname(host, allowCommonName: false)) ? null : $"is for none of {string.Join(", ", options.HostNames)}";
    }

    private async Task<string> ReadAsync(string name, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, name);
        return new FileInfo(path) is { Exists: true, Length: > LargestFile }
            ? throw new InvalidDataException($"{path} is larger than any certificate")
            : await File.ReadAllTextAsync(path, cancellationToken);
    }

    [LoggerMessage(1, LogLevel.Warning, "{Problem}; the certificate before it is served on")]
    private partial void LogKept(string problem);
}
