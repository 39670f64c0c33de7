namespace GpuMem.Kubernetes.Client;

/// <summary>
/// Connections of their own for each client certificate. A connection is whoever opened it for as long as it lives, so after a renewal
/// the old ones would be refused again and again. What runs over them may go on until the next renewal.
/// </summary>
internal sealed class CertificateHandler(ClientIdentity identity, Func<X509Certificate2?, HttpMessageHandler> open) : HttpMessageHandler
{
    private readonly Lock _gate = new();
    private Connections? _previous;
    private Connections? _current;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Current().SendAsync(request, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            lock (_gate)
            {
                _current?.Dispose();
                _previous?.Dispose();
            }
        }

        base.Dispose(disposing);
    }

    private Connections Current()
    {
        X509Certificate2? certificate = identity.Certificate;
        lock (_gate)
        {
            if (_current is null || _current.Thumbprint != certificate?.Thumbprint)
            {
                _previous?.Dispose();
                _previous = _current;
                _current = new Connections(open(certificate), certificate?.Thumbprint);
            }

            return _current;
        }
    }

    private sealed class Connections(HttpMessageHandler handler, string? thumbprint) : HttpMessageInvoker(handler)
    {
        internal string? Thumbprint { get; } = thumbprint;
    }
}
