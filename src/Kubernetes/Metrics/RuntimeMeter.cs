using GpuMem.Metrics;

namespace GpuMem.Kubernetes.Metrics;

/// <summary>What this library measures of itself, under controller-runtime's names so that existing dashboards work.</summary>
public static class RuntimeMeter
{
    public const string Name = "GpuMem.Kubernetes";

    internal static Meter Instance { get; } = Create();

    internal static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);

    private static Meter Create()
    {
        Meter meter = new(Name);
        ProcessMetrics.Publish(meter);
        return meter;
    }
}
