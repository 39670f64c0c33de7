using System.Diagnostics.Metrics;

namespace GpuMem.Webhook;

/// <summary>What the webhook measures of itself.</summary>
internal static class WebhookMeter
{
    public const string Name = "GpuMem.Webhook";

    private static readonly Meter Meter = new(Name);

    public static Gauge<double> CertificateEnds { get; } = Meter.CreateGauge<double>(
        "gpumem_webhook_certificate_expiration_timestamp_seconds", "s", "When the serving certificate ends, in seconds since 1970");

    public static Gauge<int> CertificateRefused { get; } = Meter.CreateGauge<int>(
        "gpumem_webhook_certificate_refused", null, "1 while what is mounted cannot be served and the certificate before it is");

    public static Counter<long> Unchecked { get; } = Meter.CreateCounter<long>(
        "gpumem_webhook_reviews_unchecked_total", null, "Reviews that were answered without a decision, by reason");
}
