using System.Diagnostics.Metrics;
using System.Globalization;
using GpuMem.Metrics;

namespace GpuMem.Kubernetes.Tests.Metrics;

public sealed class PrometheusTextTests : IDisposable
{
    private readonly Meter _meter = new($"test-{Guid.NewGuid():N}");
    private readonly PrometheusText _text;

    public PrometheusTextTests() => _text = new PrometheusText(_meter.Name);

    [Fact]
    public void A_counter_is_added_up_and_ends_in_total()
    {
        Counter<long> counter = _meter.CreateCounter<long>("http.requests", null, "Back\\slash\nand line");
        counter.Add(2);
        counter.Add(3);
        Assert.StartsWith(
            """
            # HELP http_requests_total Back\\slash\nand line
            # TYPE http_requests_total counter
            http_requests_total 5

            """.ReplaceLineEndings("\n"),
            _text.Write(),
            StringComparison.Ordinal);
        Assert.Contains("already_total 1\n", With(() => _meter.CreateCounter<int>("already_total").Add(1)), StringComparison.Ordinal);
    }

    [Fact]
    public void Label_values_are_escaped_and_their_order_does_not_matter()
    {
        Counter<long> counter = _meter.CreateCounter<long>("c_total");
        counter.Add(1, new("b", "say \"hi\"\n"), new("a", "C:\\"));
        counter.Add(1, new("a", "C:\\"), new("b", "say \"hi\"\n"));
        Assert.Contains("""c_total{a="C:\\",b="say \"hi\"\n"} 2""", _text.Write(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_histogram_counts_up_to_infinity_and_a_bound_belongs_to_its_bucket()
    {
        Histogram<double> histogram = _meter.CreateHistogram("took_seconds", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.5, 1, 2] });
        foreach (double value in new[] { 0.25, 1, 1.5, 7 })
            histogram.Record(value, new KeyValuePair<string, object?>("kind", "x"));
        Assert.StartsWith(
            """
            # HELP took_seconds 
            # TYPE took_seconds histogram
            took_seconds_bucket{kind="x",le="0.5"} 1
            took_seconds_bucket{kind="x",le="1"} 2
            took_seconds_bucket{kind="x",le="2"} 3
            took_seconds_bucket{kind="x",le="+Inf"} 4
            took_seconds_sum{kind="x"} 9.75
            took_seconds_count{kind="x"} 4

            """.ReplaceLineEndings("\n"),
            _text.Write(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Gauges_tell_the_last_value_and_what_is_no_longer_observed_is_gone()
    {
        string[] there = ["a", "b"];
        _meter.CreateObservableGauge("observed", () => there.Select(name => new Measurement<int>(1, new KeyValuePair<string, object?>("name", name))));
        UpDownCounter<long> active = _meter.CreateUpDownCounter<long>("active");
        Gauge<double> set = _meter.CreateGauge<double>("set");
        active.Add(3);
        active.Add(-1);
        set.Record(1);
        set.Record(double.PositiveInfinity);
        Assert.Contains("observed{name=\"a\"} 1\nobserved{name=\"b\"} 1\n", _text.Write(), StringComparison.Ordinal);
        there = ["b"];
        string text = _text.Write();
        Assert.DoesNotContain("observed{name=\"a\"}", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE active gauge\nactive 2\n", text, StringComparison.Ordinal);
        Assert.Contains("set +Inf\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_are_written_alike_in_every_country()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        CultureInfo german = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        german.NumberFormat.NumberDecimalSeparator = ",";
        CultureInfo.CurrentCulture = german;
        try
        {
            Assert.Contains("half{at=\"1.5\"} 0.5\n", With(() => _meter.CreateGauge<double>("half").Record(0.5, new KeyValuePair<string, object?>("at", 1.5))), StringComparison.Ordinal);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Labels_without_end_are_dropped_and_counted()
    {
        Counter<long> counter = _meter.CreateCounter<long>("many_total");
        for (int i = 0; i < 250; i++)
            counter.Add(1, new KeyValuePair<string, object?>("user", i));
        counter.Add(1, new KeyValuePair<string, object?>("user", 7));
        string text = _text.Write();
        Assert.Equal(200, text.Split('\n').Count(line => line.StartsWith("many_total{", StringComparison.Ordinal)));
        Assert.Contains("many_total{user=\"7\"} 2\n", text, StringComparison.Ordinal);
        Assert.Contains("metrics_dropped_measurements_total{name=\"many_total\"} 50\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_meters_are_not_listened_to()
    {
        using Meter other = new("another");
        Assert.DoesNotContain("elsewhere", With(() => other.CreateCounter<long>("elsewhere").Add(1)), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _text.Dispose();
        _meter.Dispose();
    }

    private string With(Action measure)
    {
        measure();
        return _text.Write();
    }
}
