namespace GpuMem.Webhook.Certificates;

/// <summary>Where the serving certificate comes from.</summary>
internal interface ICertificateSource
{
    /// <summary>Serves the certificate that is there now, or fails when there is none that can be served.</summary>
    Task ServeAsync(CancellationToken cancellationToken);

    /// <summary>The same, and sees to it that the API server trusts its CA.</summary>
    /// <returns>False while there is no webhook configuration to write the CA into: nobody calls us yet.</returns>
    Task<bool> RefreshAsync(CancellationToken cancellationToken);

    /// <summary>Waits until it is time to refresh again.</summary>
    Task DueAsync(CancellationToken cancellationToken);

    /// <summary>Follows what <see cref="DueAsync"/> waits for, until cancelled.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}
