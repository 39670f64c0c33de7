namespace GpuMem.Kubernetes.Events;

/// <summary>
/// How many events about one object may be written: 25 at once and one more each five minutes, client-go's limits in
/// tools/record/events_cache.go. Not safe for several threads at once.
/// </summary>
internal sealed class EventBudget(TimeProvider timeProvider)
{
    private const double Burst = 25;
    private static readonly TimeSpan Refill = TimeSpan.FromMinutes(5);

    private readonly Dictionary<V1ObjectReference, (double Left, long At)> _left = [];

    internal bool TryTake(V1ObjectReference regarding)
    {
        double left = Left(regarding);
        bool enough = left >= 1;
        _left[regarding] = (enough ? left - 1 : left, timeProvider.GetTimestamp());
        return enough;
    }

    /// <summary>An object whose budget is whole again is like one never heard of.</summary>
    internal void ForgetFull()
    {
        foreach (V1ObjectReference regarding in _left.Keys.Where(regarding => Left(regarding) >= Burst))
            _left.Remove(regarding);
    }

    private double Left(V1ObjectReference regarding) =>
        _left.TryGetValue(regarding, out (double Left, long At) before)
            ? Math.Min(Burst, before.Left + (timeProvider.GetElapsedTime(before.At) / Refill))
            : Burst;
}
