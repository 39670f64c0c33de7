using System.Collections.Concurrent;

namespace GpuMem.Kubernetes.Metrics;

/// <summary>The instruments of client-go's util/workqueue/metrics.go.</summary>
internal static class QueueMetrics
{
    private const string Label = "name";

    // From 10 ns to 1000 s, as there.
    private static readonly InstrumentAdvice<double> Buckets = new()
    {
        HistogramBucketBoundaries = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1000],
    };

    private static readonly ConcurrentDictionary<IQueueState, string> Live = new();

    internal static Counter<long> Adds { get; } = RuntimeMeter.Counter("workqueue_adds_total", "Items added, without those that waited already");

    internal static Counter<long> Retries { get; } = RuntimeMeter.Counter("workqueue_retries_total", "Items added for later");

    internal static Histogram<double> QueueDuration { get; } = RuntimeMeter.Instance.CreateHistogram(
        "workqueue_queue_duration_seconds", "s", "How long items waited", advice: Buckets);

    internal static Histogram<double> WorkDuration { get; } = RuntimeMeter.Instance.CreateHistogram(
        "workqueue_work_duration_seconds", "s", "How long items were worked on", advice: Buckets);

    static QueueMetrics()
    {
        Gauge("workqueue_depth", null, "Items that wait", state => state.Depth);
        Gauge("workqueue_unfinished_work_seconds", "s", "How long all items now worked on have been, together: if it grows, workers are stuck", state => state.Unfinished.Total);
        Gauge("workqueue_longest_running_processor_seconds", "s", "How long the item that was started first has been worked on", state => state.Unfinished.Longest);
    }

    internal static void Watch(IQueueState state, string name) => Live[state] = name;

    internal static void Unwatch(IQueueState state) => Live.TryRemove(state, out _);

    internal static KeyValuePair<string, object?> Of(string queue) => RuntimeMeter.Label(Label, queue);

    private static void Gauge(string name, string? unit, string description, Func<IQueueState, double> value) =>
        RuntimeMeter.Instance.CreateObservableGauge(
            name, () => Live.Select(entry => new Measurement<double>(value(entry.Key), Of(entry.Value))), unit, description);
}
