namespace GpuMem.Kubernetes.Configuration;

/// <summary>A token that somebody else renews in a file; read again each minute, and at once when it was refused.</summary>
internal sealed class TokenFileCredentials(string path, TimeProvider timeProvider) : IClientCredentials
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private ClientCredential? _current;
    private long _readAt;

    public ValueTask<ClientCredential> GetAsync(bool refresh, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (refresh || _current is null || timeProvider.GetElapsedTime(_readAt) >= Lifetime)
            {
                _current = Read() ?? _current ?? throw new KubernetesConfigurationException($"Cannot read a token from {path}.");
                _readAt = timeProvider.GetTimestamp();
            }

            return new ValueTask<ClientCredential>(_current);
        }
    }

    // While the file is being replaced the last token serves on.
    private ClientCredential? Read()
    {
        try
        {
            string token = File.ReadAllText(path).Trim();
            return token.Length > 0 ? new ClientCredential { Token = token } : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
