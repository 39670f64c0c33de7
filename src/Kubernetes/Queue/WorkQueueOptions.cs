namespace GpuMem.Kubernetes.Queue;

/// <summary>How long a failing item waits: the base delay, doubled with each failure up to the cap.</summary>
public sealed record WorkQueueOptions
{
    public TimeSpan BaseDelay { get; init; } = TimeSpan.FromMilliseconds(5);

    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMinutes(5);
}
