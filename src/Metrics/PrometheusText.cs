using System.Diagnostics.Metrics;
using System.Text;

namespace GpuMem.Metrics;

/// <summary>Listens to meters and writes what they say in Prometheus' text format 0.0.4.</summary>
public sealed class PrometheusText : IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private const string DroppedName = "metrics_dropped_measurements_total";

    private readonly HashSet<string> _meters;
    private readonly SortedDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly Lock _scrape = new();
    private readonly MeterListener _listener = new();

    /// <param name="meters">The names of the meters to listen to.</param>
    public PrometheusText(params IEnumerable<string> meters)
    {
        _meters = [.. meters];
        _listener.InstrumentPublished = Listen;
        _listener.SetMeasurementEventCallback<int>((_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<long>((_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.Start();
    }

    public string Write()
    {
        lock (_scrape)
        {
            MetricFamily[] families;
            lock (_gate)
                families = [.. _families.Values];
            foreach (MetricFamily family in families)
                family.BeforeObservation();
            _listener.RecordObservableInstruments();
            StringBuilder text = new();
            foreach (MetricFamily family in families)
                family.Write(text);
            WriteDropped(text, families);
            return text.ToString();
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Listen(Instrument instrument, MeterListener listener)
    {
        if (!_meters.Contains(instrument.Meter.Name) || MetricFamily.Of(instrument) is not { } created)
            return;
        MetricFamily? family;
        lock (_gate)
        {
            // A name may appear only once in the text; another instrument with it adds to the first if it is of the same kind.
            if (!_families.TryGetValue(created.Name, out family))
                _families[created.Name] = family = created;
        }

        if (family.Kind == created.Kind)
            listener.EnableMeasurementEvents(instrument, family);
    }

    private static void WriteDropped(StringBuilder text, MetricFamily[] families)
    {
        text.Append("# HELP ").Append(DroppedName).Append(" Measurements that came with too many different labels\n");
        text.Append("# TYPE ").Append(DroppedName).Append(" counter\n");
        foreach (MetricFamily family in families.Where(family => family.Dropped > 0))
            text.Append(DroppedName).Append("{name=\"").Append(family.Name).Append("\"} ").Append(PrometheusValue.Of(family.Dropped)).Append('\n');
    }
}
