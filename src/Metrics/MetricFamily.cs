using System.Diagnostics.Metrics;
using System.Text;

namespace GpuMem.Metrics;

/// <summary>All that is measured under one name.</summary>
internal sealed class MetricFamily(string name, string help, MetricKind kind, double[] bounds)
{
    /// <summary>Label values that grow without end would take all memory, here and in Prometheus.</summary>
    internal const int MaxSeries = 200;

    private const string CounterEnd = "_total";

    // For seconds, where the instrument does not say: those of Prometheus' clients.
    private static readonly double[] DefaultBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly SortedDictionary<string, MetricSeries> _series = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    internal string Name => name;

    internal MetricKind Kind => kind;

    /// <summary>Measurements that found no place.</summary>
    internal long Dropped { get; private set; }

    /// <summary>Null for an instrument of a kind we do not know.</summary>
    internal static MetricFamily? Of(Instrument instrument)
    {
        Type type = instrument.GetType();
        if (!type.IsGenericType || KindOf(type.GetGenericTypeDefinition()) is not { } kind)
            return null;
        string name = PrometheusValue.Name(instrument.Name);
        bool isCounter = kind is MetricKind.Counter or MetricKind.ObservedCounter;
        if (isCounter && !name.EndsWith(CounterEnd, StringComparison.Ordinal))
            name += CounterEnd;
        double[] bounds = kind != MetricKind.Histogram ? [] : instrument switch
        {
            Histogram<double> { Advice.HistogramBucketBoundaries: { } given } => [.. given],
            Histogram<long> { Advice.HistogramBucketBoundaries: { } given } => [.. given.Select(bound => (double)bound)],
            Histogram<int> { Advice.HistogramBucketBoundaries: { } given } => [.. given.Select(bound => (double)bound)],
            _ => DefaultBounds,
        };
        return new MetricFamily(name, instrument.Description ?? "", kind, bounds);
    }

    internal void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string labels = PrometheusValue.Labels(tags);
        lock (_gate)
        {
            if (!_series.TryGetValue(labels, out MetricSeries? series))
            {
                if (_series.Count == MaxSeries)
                {
                    Dropped++;
                    return;
                }

                _series[labels] = series = new MetricSeries(labels, bounds);
            }

            if (kind == MetricKind.Histogram)
                series.Observe(value);
            else if (kind is MetricKind.Counter or MetricKind.UpDownCounter)
                series.Add(value);
            else
                series.Set(value);
        }
    }

    internal void BeforeObservation()
    {
        if (kind != MetricKind.ObservedGauge)
            return;
        lock (_gate)
            _series.Clear();
    }

    internal void Write(StringBuilder text)
    {
        text.Append("# HELP ").Append(name).Append(' ').Append(PrometheusValue.Help(help)).Append('\n');
        text.Append("# TYPE ").Append(name).Append(' ').Append(TypeName()).Append('\n');
        lock (_gate)
        {
            foreach (MetricSeries series in _series.Values)
            {
                if (kind == MetricKind.Histogram)
                    series.WriteHistogram(text, name);
                else
                    series.Write(text, name);
            }
        }
    }

    private string TypeName() => kind switch
    {
        MetricKind.Counter or MetricKind.ObservedCounter => "counter",
        MetricKind.Histogram => "histogram",
        _ => "gauge",
    };

    private static MetricKind? KindOf(Type definition) =>
        definition == typeof(Counter<>) ? MetricKind.Counter
        : definition == typeof(ObservableCounter<>) ? MetricKind.ObservedCounter
        : definition == typeof(UpDownCounter<>) ? MetricKind.UpDownCounter
        : definition == typeof(Gauge<>) ? MetricKind.Gauge
        : definition == typeof(ObservableGauge<>) || definition == typeof(ObservableUpDownCounter<>) ? MetricKind.ObservedGauge
        : definition == typeof(Histogram<>) ? MetricKind.Histogram
        : null;
}
