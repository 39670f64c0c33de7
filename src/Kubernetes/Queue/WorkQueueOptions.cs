namespace GpuMem.Kubernetes.Queue;

/// <summary>How a queue is measured, and how long a failing item waits: the base delay, doubled with each failure up to the cap.</summary>
public sealed record WorkQueueOptions
{
    /// <summary>Its name in the metrics; null: it is not measured.</summary>
    public string? Name { get; init; }

    public TimeSpan BaseDelay { get; init; } = TimeSpan.FromMilliseconds(5);

    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMinutes(5);
}
