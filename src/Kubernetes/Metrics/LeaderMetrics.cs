namespace GpuMem.Kubernetes.Metrics;

/// <summary>The instrument of client-go's tools/leaderelection/metrics.go.</summary>
internal static class LeaderMetrics
{
    private static readonly Gauge<long> Status = RuntimeMeter.Instance.CreateGauge<long>("leader_election_master_status", null, "1 while this process leads, else 0");

    internal static void Set(string lease, bool leads) => Status.Record(leads ? 1 : 0, RuntimeMeter.Label("name", lease));
}
