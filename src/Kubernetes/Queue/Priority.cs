namespace GpuMem.Kubernetes.Queue;

/// <summary>How soon an item is wanted.</summary>
public enum Priority
{
    Normal,

    /// <summary>Nothing has changed: it is only looked at once more, or tried again.</summary>
    Low,
}
