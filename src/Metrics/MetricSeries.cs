using System.Text;

namespace GpuMem.Metrics;

/// <summary>One line of a metric, or the lines of one histogram.</summary>
internal sealed class MetricSeries(string labels, double[] bounds)
{
    private readonly long[] _buckets = new long[bounds.Length + 1];

    private double _value;

    internal void Set(double value) => _value = value;

    internal void Add(double value) => _value += value;

    internal void Observe(double value)
    {
        _value += value;
        int bucket = Array.BinarySearch(bounds, value);
        // A bound belongs to its own bucket: le means less or equal.
        _buckets[bucket < 0 ? ~bucket : bucket]++;
    }

    internal void Write(StringBuilder text, string name) => Line(text, name, labels, _value);

    internal void WriteHistogram(StringBuilder text, string name)
    {
        string before = labels.Length == 0 ? "" : labels + ",";
        long total = 0;
        for (int i = 0; i < _buckets.Length; i++)
        {
            total += _buckets[i];
            double bound = i < bounds.Length ? bounds[i] : double.PositiveInfinity;
            Line(text, name + "_bucket", $"{before}le=\"{PrometheusValue.Of(bound)}\"", total);
        }

        Line(text, name + "_sum", labels, _value);
        Line(text, name + "_count", labels, total);
    }

    private static void Line(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0)
            text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(PrometheusValue.Of(value)).Append('\n');
    }
}
