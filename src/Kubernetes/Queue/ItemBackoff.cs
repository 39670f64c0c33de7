namespace GpuMem.Kubernetes.Queue;

/// <summary>How long each failing item waits: the base delay doubled with each failure, up to a cap.</summary>
internal sealed class ItemBackoff<T>(TimeSpan baseDelay, TimeSpan maxDelay)
    where T : notnull
{
    private readonly Dictionary<T, int> _failures = [];

    internal TimeSpan Next(T item)
    {
        int failures = _failures.GetValueOrDefault(item);
        _failures[item] = failures == int.MaxValue ? failures : failures + 1;
        // In floating point the power grows to infinity, which the cap still bounds; in integers it would wrap around.
        double ticks = baseDelay.Ticks * Math.Pow(2, failures);
        return ticks < maxDelay.Ticks ? TimeSpan.FromTicks((long)ticks) : maxDelay;
    }

    internal void Forget(T item) => _failures.Remove(item);
}
