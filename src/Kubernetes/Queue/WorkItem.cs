namespace GpuMem.Kubernetes.Queue;

/// <summary>One thing to work on.</summary>
public readonly record struct WorkItem<T>(T Value);
