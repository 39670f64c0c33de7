using Microsoft.Extensions.Time.Testing;

namespace GpuMem.Kubernetes.Tests.FakeApi;

/// <summary>A clock that moves when the test says so, and tells the test which timers somebody waits for.</summary>
public sealed class ManualTime : FakeTimeProvider
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private readonly List<TimeSpan> _set = [];
    private int _timersMade;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ManualTime()
        : base(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero))
    {
    }

    /// <summary>How many timers there have been, however often each was set.</summary>
    public int TimersMade => _timersMade;

    /// <summary>Waits until somebody sets a timer for a time that fits, and takes it off the list.</summary>
    public async Task<TimeSpan> TimerAsync(Func<TimeSpan, bool> fits)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                int index = _set.FindIndex(due => fits(due));
                if (index >= 0)
                {
                    TimeSpan due = _set[index];
                    _set.RemoveAt(index);
                    return due;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(Patience);
        }
    }

    /// <summary>Takes every timer off the list, so that the next one found is set after now.</summary>
    public void Forget()
    {
        lock (_gate)
            _set.Clear();
    }

    /// <summary>Waits for a timer and lets its time pass.</summary>
    public async Task PassAsync(TimeSpan due)
    {
        await TimerAsync(set => set == due);
        Advance(due);
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Interlocked.Increment(ref _timersMade);
        ITimer timer = base.CreateTimer(callback, state, dueTime, period);
        Note(dueTime);
        return new Watched(timer, this);
    }

    private void Note(TimeSpan dueTime)
    {
        if (dueTime <= TimeSpan.Zero)
            return;
        lock (_gate)
        {
            _set.Add(dueTime);
            _changed.TrySetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private sealed class Watched(ITimer timer, ManualTime time) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            bool changed = timer.Change(dueTime, period);
            time.Note(dueTime);
            return changed;
        }

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
