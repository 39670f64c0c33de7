namespace GpuMem.Kubernetes.Informers;

/// <summary>When the API server was last heard, and what has gone wrong since.</summary>
internal sealed class Contact(TimeProvider timeProvider)
{
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _last;
    private volatile Exception? _error;
    private volatile bool _streamFellSilent;

    internal Task Synced => _synced.Task;

    internal Exception? Error => _error;

    /// <summary>The last list came in one answer, or is asked for in one, because the stream told nothing.</summary>
    internal bool StreamFellSilent
    {
        get => _streamFellSilent;
        set => _streamFellSilent = value;
    }

    internal DateTimeOffset? Last => Volatile.Read(ref _last) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    internal void Listed()
    {
        Heard();
        _synced.TrySetResult();
    }

    internal void Heard()
    {
        Volatile.Write(ref _last, timeProvider.GetUtcNow().UtcTicks);
        _error = null;
    }

    internal void Failed(Exception failure) => _error = failure;
}
