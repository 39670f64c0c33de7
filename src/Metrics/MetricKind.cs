namespace GpuMem.Metrics;

/// <summary>How measurements make a value, and what Prometheus calls it.</summary>
internal enum MetricKind
{
    /// <summary>Measurements are added up; never falls.</summary>
    Counter,

    /// <summary>Measurements are totals already.</summary>
    ObservedCounter,

    /// <summary>Measurements are added up; may fall.</summary>
    UpDownCounter,

    /// <summary>The last measurement counts.</summary>
    Gauge,

    /// <summary>The last measurement counts, and what is not measured at a scrape is gone.</summary>
    ObservedGauge,

    Histogram,
}
