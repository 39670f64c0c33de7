using System.Runtime.CompilerServices;
using GpuMem.Metrics;

namespace GpuMem.Kubernetes.Metrics;

/// <summary>What this library measures of itself, under controller-runtime's names so that existing dashboards work.</summary>
public static class RuntimeMeter
{
    public const string Name = "GpuMem.Kubernetes";

    internal static Meter Instance { get; } = Create();

    /// <summary>Makes every instrument there is, without waiting for something to measure.</summary>
    public static void Publish()
    {
        RuntimeHelpers.RunClassConstructor(typeof(QueueMetrics).TypeHandle);
        RuntimeHelpers.RunClassConstructor(typeof(ControllerMetrics).TypeHandle);
        RuntimeHelpers.RunClassConstructor(typeof(LeaderMetrics).TypeHandle);
    }

    internal static Counter<long> Counter(string name, string description) => Instance.CreateCounter<long>(name, unit: null, description);

    internal static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);

    private static Meter Create()
    {
        Meter meter = new(Name);
        ProcessMetrics.Publish(meter);
        return meter;
    }
}
