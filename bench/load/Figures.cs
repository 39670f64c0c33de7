namespace GpuMem.Bench.Load;

/// <summary>What was measured of one build. Keys of the dictionaries are cluster sizes, as <c>1000x50</c>.</summary>
internal sealed class Figures
{
    public SortedDictionary<string, double> StartToReadySeconds { get; } = new(BySize);

    /// <summary>Some seconds after it was ready, before the first review.</summary>
    public SortedDictionary<string, double> RssMiB { get; } = new(BySize);

    public SortedDictionary<string, double> RssMiBAfterLoad { get; } = new(BySize);

    /// <summary>A pod of 3 KB whose TrainingJob fits.</summary>
    public SortedDictionary<string, double> CpuMsPerReview { get; } = new(BySize);

    /// <summary>The same pod at <c>/mutate-pod</c>.</summary>
    public SortedDictionary<string, double> CpuMsPerMutation { get; } = new(BySize);

    /// <summary>A pod that nothing of ours describes.</summary>
    public SortedDictionary<string, double> CpuMsPerOther { get; } = new(BySize);

    /// <summary>A JobSet of eight replicated jobs whose TrainingJob fits.</summary>
    public SortedDictionary<string, double> CpuMsPerJobSet { get; } = new(BySize);

    public DeniedFigures CpuMsPerDenied { get; } = new();

    /// <summary>At the largest cluster, by the size of the body.</summary>
    public Dictionary<string, double> CpuMsByBody { get; } = [];

    /// <summary>At the largest cluster, one after the other.</summary>
    public Dictionary<string, double> ExtremeMs { get; } = [];

    /// <summary>The most memory while 512 MiB of reviews arrive at once.</summary>
    public double? FloodPeakMiB { get; set; }

    /// <summary>At the largest cluster, by the size of the body.</summary>
    public Dictionary<string, LatencyFigures> Latency { get; } = [];

    /// <summary>Of the machine, right before latency was measured and right after.</summary>
    public List<Standstill> Standstills { get; } = [];

    /// <summary>At the largest cluster: of an API server's own calls, the percentage that it counts as answered within 5 ms.</summary>
    public double? ApiServerWithin5Ms { get; set; }

    public int Errors { get; set; }

    private static Comparer<string> BySize { get; } = Comparer<string>.Create((a, b) => ClusterSize.Parse(a).CompareTo(ClusterSize.Parse(b)));

    /// <summary>Pods that are denied with suggestions: judged for the first time, and again.</summary>
    internal sealed class DeniedFigures
    {
        public SortedDictionary<string, double> First { get; } = new(BySize);

        public SortedDictionary<string, double> Cached { get; } = new(BySize);
    }

    /// <summary>Milliseconds; <c>Late</c> is the 99th percentile of how late the generator itself was.</summary>
    internal sealed record LatencyFigures(int Rate, int Reviews, double P50, double P99, double P999, double Max, double Late, int Errors, double CpuMsPerReview);
}
