using GpuMem.Kubernetes.Queue;

namespace GpuMem.Kubernetes.Tests.Queue;

public sealed class WorkQueueTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly WorkQueue<string> _queue;

    public WorkQueueTests() => _queue = new WorkQueue<string>(_time, new WorkQueueOptions { MaxDelay = TimeSpan.FromMilliseconds(40) });

    [Fact]
    public async Task Q2_Adding_again_before_it_is_taken_changes_nothing()
    {
        _queue.Add("a");
        _queue.Add("b");
        _queue.Add("a");
        Assert.Equal("a", await TakeAsync());
        Assert.Equal("b", await TakeAsync());
        Assert.Equal(0, _queue.Count);
    }

    [Fact]
    public async Task Q3_Adding_while_it_is_worked_on_hands_it_out_once_more_after_done()
    {
        _queue.Add("a");
        await TakeAsync();
        _queue.Add("a");
        _queue.Add("a");
        Assert.Equal(0, _queue.Count);
        _queue.Done("a");
        Assert.Equal("a", await TakeAsync());
        _queue.Done("a");
        Assert.Equal(0, _queue.Count);
    }

    [Fact]
    public async Task Q1_Many_workers_never_share_an_item()
    {
        int[] inside = new int[10];
        int done = 0;
        using WorkQueue<int> queue = new(_time);
        Task[] workers = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (await queue.GetAsync(default) is { Value: var item })
            {
                Assert.Equal(1, Interlocked.Increment(ref inside[item]));
                await Task.Yield();
                Interlocked.Decrement(ref inside[item]);
                Interlocked.Increment(ref done);
                queue.Done(item);
            }
        }))];
        for (int i = 0; i < 10_000; i++)
            queue.Add(i % 10);
        queue.ShutDown();
        await Task.WhenAll(workers);
        Assert.InRange(done, 10, 10_000);
    }

    [Fact]
    public async Task Q4_Shutting_down_hands_out_what_waits_and_refuses_more()
    {
        _queue.Add("a");
        _queue.AddAfter("later", TimeSpan.FromSeconds(1));
        _queue.ShutDown();
        _queue.ShutDown();
        _queue.Add("b");
        _queue.AddAfter("c", TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("a", await TakeAsync());
        Assert.Null(await _queue.GetAsync(default));
        Assert.Null(await _queue.GetAsync(default));
    }

    [Fact]
    public async Task Q4_Shutting_down_wakes_everybody_who_waits()
    {
        Task<WorkItem<string>?>[] waiting = [_queue.GetAsync(default).AsTask(), _queue.GetAsync(default).AsTask()];
        _queue.ShutDown();
        Assert.All(await Task.WhenAll(waiting), item => Assert.Null(item));
    }

    [Fact]
    public async Task Q6_Of_two_delays_the_earlier_counts()
    {
        _queue.AddAfter("a", TimeSpan.FromSeconds(5));
        _queue.AddAfter("a", TimeSpan.FromSeconds(1));
        _queue.AddAfter("a", TimeSpan.FromSeconds(9));
        _time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Equal(0, _queue.Count);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("a", await TakeAsync());
        _queue.Done("a");
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, _queue.Count);
    }

    [Fact]
    public void Q10_One_timer_serves_ten_thousand_delays()
    {
        for (int i = 1; i <= 10_000; i++)
            _queue.AddAfter(i.ToString(System.Globalization.CultureInfo.InvariantCulture), TimeSpan.FromSeconds(i));
        _time.Advance(TimeSpan.FromSeconds(5_000));
        Assert.Equal(5_000, _queue.Count);
        _time.Advance(TimeSpan.FromSeconds(5_000));
        Assert.Equal(10_000, _queue.Count);
        Assert.Equal(1, _time.TimersMade);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Q7_No_delay_adds_at_once(int seconds)
    {
        _queue.AddAfter("a", TimeSpan.FromSeconds(seconds));
        Assert.Equal(1, _queue.Count);
    }

    [Fact]
    public void Q8_A_delay_of_any_length_is_accepted()
    {
        _queue.AddAfter("a", TimeSpan.MaxValue);
        Assert.Equal(0, _queue.Count);
    }

    [Fact]
    public async Task Q8_Failing_items_wait_longer_each_time_until_forgotten()
    {
        foreach (int delay in new[] { 5, 10, 20, 40, 40 })
        {
            _queue.AddRateLimited("a");
            _time.Advance(TimeSpan.FromMilliseconds(delay - 1));
            Assert.Equal(0, _queue.Count);
            _time.Advance(TimeSpan.FromMilliseconds(1));
            await TakeAsync();
            _queue.Done("a");
        }

        _queue.Forget("a");
        _queue.AddRateLimited("a");
        _time.Advance(TimeSpan.FromMilliseconds(5));
        Assert.Equal(1, _queue.Count);
    }

    [Fact]
    public void Q8_The_delay_never_overflows()
    {
        ItemBackoff<string> backoff = new(TimeSpan.FromMilliseconds(5), TimeSpan.FromMinutes(5));
        TimeSpan last = TimeSpan.Zero;
        for (int i = 0; i < 5000; i++)
        {
            TimeSpan next = backoff.Next("a");
            Assert.InRange(next, last, TimeSpan.FromMinutes(5));
            last = next;
        }

        Assert.Equal(TimeSpan.FromMinutes(5), last);
    }

    [Fact]
    public async Task Q9_What_has_left_the_queue_is_not_kept_alive_by_it()
    {
        using WorkQueue<object> queue = new(_time);
        WeakReference item = await PassThroughAsync(queue);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(item.IsAlive);
    }

    public void Dispose() => _queue.Dispose();

    private async Task<WeakReference> PassThroughAsync(WorkQueue<object> queue)
    {
        object item = new();
        queue.AddRateLimited(item);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Same(item, (await queue.GetAsync(default))!.Value.Value);
        queue.Forget(item);
        queue.Done(item);
        return new WeakReference(item);
    }

    private async Task<string> TakeAsync() => (await _queue.GetAsync(default))!.Value.Value;
}
