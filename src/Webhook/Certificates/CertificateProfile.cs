namespace GpuMem.Webhook.Certificates;

/// <summary>What certificates of our own are like.</summary>
/// <param name="Hosts">Names and addresses that they are valid for.</param>
/// <param name="Lifetime">How long a serving certificate is valid; its CA is ten times as long.</param>
public sealed record CertificateProfile(IReadOnlyList<string> Hosts, TimeSpan Lifetime)
{
    /// <summary>Of the CA: when two thirds of it are over, what it signs still lives its whole life.</summary>
    public TimeSpan AuthorityLifetime => 10 * Lifetime;

    /// <summary>How long a CA that was replaced is still trusted: until the last replica has let go of what it signed.</summary>
    public TimeSpan Overlap => Lifetime < TimeSpan.FromDays(1) ? Lifetime : TimeSpan.FromDays(1);

    /// <summary>An hour back: the API server's clock may be behind ours.</summary>
    public DateTimeOffset NotBefore(DateTimeOffset now) => now - (Lifetime / 10 < TimeSpan.FromHours(1) ? Lifetime / 10 : TimeSpan.FromHours(1));
}
