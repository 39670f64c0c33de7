using GpuMem.Kubernetes.Queue;

namespace GpuMem.Kubernetes.Tests.Queue;

public sealed class FairnessTests : IDisposable
{
    private readonly WorkQueue<(string Tenant, int Number)> _queue = new(new ManualTime(), group: item => item.Tenant);

    [Fact]
    public async Task Q13_Ten_items_of_one_tenant_do_not_wait_for_ten_thousand_of_another()
    {
        for (int i = 0; i < 10_000; i++)
            _queue.Add(("big", i));
        for (int i = 0; i < 10; i++)
            _queue.Add(("small", i));
        List<(string Tenant, int Number)> first = await TakeAsync(20);
        Assert.Equal(Enumerable.Range(0, 10), first.Where(item => item.Tenant == "small").Select(item => item.Number));
        Assert.Equal(Enumerable.Range(0, 10), first.Where(item => item.Tenant == "big").Select(item => item.Number));
    }

    [Fact]
    public async Task Q13_A_tenant_that_comes_back_gets_in_line_behind_the_others()
    {
        _queue.Add(("a", 1));
        _queue.Add(("b", 1));
        _queue.Add(("b", 2));
        Assert.Equal([("a", 1)], await TakeAsync(1));
        _queue.Add(("a", 2));
        Assert.Equal([("b", 1), ("a", 2), ("b", 2)], await TakeAsync(3));
        Assert.Equal(0, _queue.Count);
    }

    public void Dispose() => _queue.Dispose();

    private async Task<List<(string Tenant, int Number)>> TakeAsync(int count)
    {
        List<(string, int)> taken = [];
        for (int i = 0; i < count; i++)
            taken.Add((await _queue.GetAsync(default))!.Value.Value);
        return taken;
    }
}
