namespace GpuMem.Webhook.Certificates;

/// <summary>
/// The certificate of our own CA. A new CA is made known first and serves afterwards, with the one before it trusted beside it: whichever of them
/// a replica still answers with, and whichever bundle an API server still has, they match.
/// </summary>
internal sealed class OwnCertificate(
    WebhookOptions options, CertificateSecret secret, CaBundleWriter caBundle, ServingCertificate serving, RegistrationChanges changes, TimeProvider timeProvider) : ICertificateSource
{
    /// <summary>API servers learn of a new CA meanwhile, and who resets ours again and again (GitOps) is not answered faster.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(30);

    private CertificatePair? _served;

    private CertificatePair? _announced;

    public async Task ServeAsync(CancellationToken cancellationToken) => await ServeWhenTrustedAsync(cancellationToken);

    public async Task<bool> RefreshAsync(CancellationToken cancellationToken)
    {
        var pair = await ServeWhenTrustedAsync(cancellationToken);
        var registered = await caBundle.WriteAsync(pair.CaCertificates, cancellationToken);
        _announced = pair;
        return registered;
    }

    public async Task DueAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Pause, timeProvider, cancellationToken);
        if (_served == _announced)
            await changes.WaitAsync(options.CertificateLifetime / 10 < LookEvery ? options.CertificateLifetime / 10 : LookEvery, cancellationToken);
    }

    public Task RunAsync(CancellationToken cancellationToken) => changes.RunAsync(cancellationToken);

    /// <summary>The Secret is asked each time: it may have been renewed by another replica, or be due now.</summary>
    private async Task<CertificatePair> ServeWhenTrustedAsync(CancellationToken cancellationToken)
    {
        var pair = await secret.GetOrCreateAsync(_served, cancellationToken);
        if (_served is null || pair == _announced || pair.IsTrustedLike(_served, timeProvider.GetUtcNow()))
        {
            serving.Use(pair.Certificate, pair.Key);
            _served = pair;
        }
        return pair;
    }
}
