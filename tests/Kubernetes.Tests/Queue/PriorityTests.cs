using GpuMem.Kubernetes.Queue;

namespace GpuMem.Kubernetes.Tests.Queue;

public sealed class PriorityTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly WorkQueue<string> _queue;

    public PriorityTests() => _queue = new WorkQueue<string>(_time, group: item => item.Split('/')[0]);

    [Fact]
    public async Task Q13_A_change_does_not_wait_for_what_is_only_looked_at_once_more()
    {
        AddLow(1_000);
        _queue.Add("ns/change");
        Assert.Equal(["ns/change", "ns/0", "ns/1"], await TakeAsync(3));
        Assert.Equal(998, _queue.Count);
    }

    [Fact]
    public async Task Q13_A_change_does_not_wait_for_what_failed_before()
    {
        for (int i = 0; i < 1_000; i++)
            _queue.AddRateLimited($"ns/{i}");
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1_000, _queue.Count);
        _queue.Add("ns/change");
        Assert.Equal(["ns/change"], await TakeAsync(1));
    }

    [Fact]
    public async Task Q13_However_much_changes_what_is_looked_at_once_more_has_its_turn()
    {
        AddLow(10);
        for (int change = 0; change < 100; change++)
            _queue.Add($"ns/change {change}");
        Assert.Equal(10, (await TakeAsync(40)).Count(item => !item.Contains("change", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Q2_Q13_What_changes_while_it_waits_is_moved_up_and_handed_out_once()
    {
        AddLow(3);
        _queue.Add("ns/2");
        _queue.Add("ns/2", Priority.Low);
        Assert.Equal(3, _queue.Count);
        Assert.Equal(["ns/2", "ns/0", "ns/1"], await TakeAsync(3));
        Assert.Equal(0, _queue.Count);
    }

    [Fact]
    public async Task Q13_Groups_take_turns_within_a_priority_even_when_one_of_them_is_moved_up_as_a_whole()
    {
        AddLow(2);
        _queue.Add("other/a", Priority.Low);
        _queue.Add("ns/0");
        _queue.Add("ns/1");
        _queue.Add("third/a", Priority.Low);
        Assert.Equal(["ns/0", "ns/1", "other/a", "third/a"], await TakeAsync(4));
    }

    public void Dispose() => _queue.Dispose();

    private void AddLow(int count)
    {
        for (int i = 0; i < count; i++)
            _queue.Add($"ns/{i}", Priority.Low);
    }

    private async Task<List<string>> TakeAsync(int count)
    {
        List<string> taken = [];
        for (int i = 0; i < count; i++)
            taken.Add((await _queue.GetAsync(default))!.Value.Value);
        return taken;
    }
}
