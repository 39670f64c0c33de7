using GpuMem.Api.Cluster;
using GpuMem.Webhook.Certificates;

namespace GpuMem.Webhook;

/// <summary>How the webhook is reached and registered.</summary>
public sealed record WebhookOptions
{
    /// <summary>The largest review read. An UPDATE carries two objects of up to 3 MiB each, and something around them.</summary>
    public const long MaxReviewBytes = 7L << 20;

    /// <summary>How many bytes of reviews are held at once; beyond it, one of more than 16 KiB is answered without having been read to its end.</summary>
    public long MaxReviewBytesAtOnce { get; init; } = 64L << 20;

    /// <summary>How many reviews of pods and workloads are decided at once.</summary>
    public int MaxReviewsAtOnce { get; init; } = 2 * Environment.ProcessorCount;

    /// <summary>HTTPS port on which the API server calls.</summary>
    public int Port { get; init; } = 9443;

    /// <summary>HTTP port of <c>/healthz</c>, <c>/readyz</c> and <c>/metrics</c>.</summary>
    public int HealthPort { get; init; } = 8081;

    /// <summary>Address to listen on, <c>0.0.0.0</c> in a pod.</summary>
    public string Address { get; init; } = "0.0.0.0";

    /// <summary>Namespace of the Secret, the Service and this pod.</summary>
    public required string Namespace { get; init; }

    /// <summary>Name of the Service in front; the certificate is made for it.</summary>
    public string ServiceName { get; init; } = "gpumem-webhook";

    /// <summary>Further names or addresses the certificate is valid for, when the API server calls a URL.</summary>
    public IReadOnlyList<string> ExtraHosts { get; init; } = [];

    /// <summary>The Secret that replicas share their certificate in.</summary>
    public string SecretName { get; init; } = "gpumem-webhook-certs";

    /// <summary>How long a serving certificate of our own is valid; its CA is ten times as long.</summary>
    public TimeSpan CertificateLifetime { get; init; } = TimeSpan.FromDays(365);

    /// <summary>A folder with <c>tls.crt</c> and <c>tls.key</c> that somebody else makes and renews, and whose CA they tell the API server; null for our own.</summary>
    public string? CertificateFolder { get; init; }

    /// <summary>Whom to answer; null for anybody who reaches the port.</summary>
    public ClientAuthorities? Clients { get; init; }

    /// <summary>Name of the validating and the mutating webhook configuration to write the CA into.</summary>
    public string ConfigurationName { get; init; } = "gpumem";

    /// <summary>What is done where neither a TrainingJob or ModelServer nor the label of its namespace says.</summary>
    public UsualPolicy Policy { get; init; } = new();

    /// <summary>How long requests are still served after the pod was told to stop: the API server goes on using open connections (kubernetes/kubernetes#127335).</summary>
    public TimeSpan ShutdownDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What certificates of our own are like.</summary>
    public CertificateProfile Certificate => new(HostNames, CertificateLifetime);

    /// <summary>Names under which the API server reaches the Service.</summary>
    public IReadOnlyList<string> HostNames =>
        [$"{ServiceName}.{Namespace}.svc", $"{ServiceName}.{Namespace}.svc.cluster.local", $"{ServiceName}.{Namespace}", .. ExtraHosts];
}
