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

    private static readonly Counter<long> Reviews = Meter.CreateCounter<long>(
        "gpumem_webhook_reviews_total", null, "Reviews answered: by endpoint, what was answered (allowed, warned, patched, denied, or refused for what is no review) and verdict");

    private static readonly Histogram<double> Took = Meter.CreateHistogram(
        "gpumem_webhook_review_duration_seconds",
        "s",
        "How long reviews took, from their first byte to the answer",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5] });

    public static Counter<long> Unchecked { get; } = Meter.CreateCounter<long>(
        "gpumem_webhook_reviews_unchecked_total", null, "Reviews that were answered without a decision, by reason");

    /// <param name="endpoint">Its path, one of few.</param>
    /// <param name="response">Null for what is no review.</param>
    /// <param name="took">Since it began.</param>
    public static void Answered(string endpoint, AdmissionResponse? response, TimeSpan took)
    {
        var answer = response switch
        {
            null => "refused",
            { Allowed: false } => "denied",
            { Patch: not null } => "patched",
            { Warnings.Count: > 0 } => "warned",
            _ => "allowed",
        };
        var verdict = response?.AuditAnnotations?.TryGetValue("verdict", out var known) == true ? known : "";
        Reviews.Add(1, new KeyValuePair<string, object?>("endpoint", endpoint), new KeyValuePair<string, object?>("answer", answer), new KeyValuePair<string, object?>("verdict", verdict));
        Took.Record(took.TotalSeconds, new KeyValuePair<string, object?>("endpoint", endpoint));
    }
}
