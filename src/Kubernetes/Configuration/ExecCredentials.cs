namespace GpuMem.Kubernetes.Configuration;

/// <summary>
/// Credentials from a program such as <c>aws eks get-token</c>. However many calls need them at once, it runs once; what it says
/// is kept until it expires or is refused.
/// </summary>
internal sealed class ExecCredentials(ExecPlugin plugin, TimeProvider timeProvider) : IClientCredentials, IDisposable
{
    // A token that expires on its way to the server is of no use.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _one = new(1);
    private volatile IssuedCredential? _current;

    public async ValueTask<ClientCredential> GetAsync(bool refresh, CancellationToken cancellationToken)
    {
        IssuedCredential? seen = _current;
        if (!refresh && IsValid(seen))
            return seen.Credential;

        await _one.WaitAsync(cancellationToken);
        try
        {
            // Somebody else was here while we waited: what they got is newer than what was refused to us.
            if (_current is { } other && !ReferenceEquals(other, seen) && IsValid(other))
                return other.Credential;
            IssuedCredential issued = await plugin.RunAsync(cancellationToken);
            _current = issued;
            return issued.Credential;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private bool IsValid([NotNullWhen(true)] IssuedCredential? issued) =>
        issued is not null && !(timeProvider.GetUtcNow() >= issued.Expires - Margin);
}
