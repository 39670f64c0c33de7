using GpuMem.Kubernetes.Informers;

namespace GpuMem.Kubernetes.Tests.Informers;

public sealed class EntityStoreTests
{
    private readonly EntityStore<V1Pod> _store = new(null, NullLogger.Instance);

    [Fact]
    public async Task A_late_subscriber_hears_of_everything_once()
    {
        _store.Replace([Pod("a", "1")]);
        _store.Upsert(Pod("b", "2"));
        Signals<string> told = new();
        using IDisposable subscription = _store.Subscribe(change => told.Add($"{change.Type} {change.Entity.Name()}"));
        _store.Upsert(Pod("c", "3"));
        _store.Remove(Pod("a", "4"));
        string[] first = [await told.NextAsync(), await told.NextAsync()];
        Assert.Equal(["Added a", "Added b"], first.Order());
        Assert.Equal("Added c", await told.NextAsync());
        Assert.Equal("Deleted a", await told.NextAsync());
        Assert.True(told.IsEmpty);
    }

    [Fact]
    public async Task The_store_knows_before_its_subscribers_do()
    {
        Signals<string?> seen = new();
        using IDisposable subscription = _store.Subscribe(change => seen.Add(_store.Get(NamespacedName.Of(change.Entity))?.ResourceVersion()));
        _store.Upsert(Pod("a", "1"));
        Assert.Equal("1", await seen.NextAsync());
    }

    [Fact]
    public async Task A_stuck_subscriber_holds_up_nobody_and_its_own_calls_never_overlap()
    {
        using ManualResetEventSlim release = new();
        int inside = 0;
        Signals<int> overlaps = new();
        using IDisposable stuck = _store.Subscribe(_ =>
        {
            int now = Interlocked.Increment(ref inside);
            release.Wait();
            Interlocked.Decrement(ref inside);
            overlaps.Add(now);
        });
        Signals<string> told = new();
        using IDisposable other = _store.Subscribe(change => told.Add(change.Entity.ResourceVersion()!));
        _store.Upsert(Pod("a", "1"));
        _store.Upsert(Pod("a", "2"));
        Assert.Equal("1", await told.NextAsync());
        Assert.Equal("2", await told.NextAsync());
        release.Set();
        Assert.Equal(1, await overlaps.NextAsync());
        Assert.Equal(1, await overlaps.NextAsync());
    }

    [Fact]
    public async Task Each_object_goes_through_its_states_in_order()
    {
        Signals<string> told = new();
        using IDisposable subscription = _store.Subscribe(change => told.Add($"{change.Old?.ResourceVersion()}>{change.New?.ResourceVersion()}"));
        for (int version = 1; version <= 100; version++)
            _store.Upsert(Pod("a", version.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(">1", await told.NextAsync());
        for (int version = 2; version <= 100; version++)
            Assert.Equal($"{version - 1}>{version}", await told.NextAsync());
    }

    [Fact]
    public async Task A_replacement_tells_the_difference_only()
    {
        _store.Replace([Pod("same", "1"), Pod("changed", "2"), Pod("gone", "3"), Pod("recreated", "4", "old")]);
        Signals<string> told = new();
        using IDisposable subscription = _store.Subscribe(change => told.Add($"{change.Type} {change.Entity.Name()} {change.Old?.Uid()}"));
        for (int i = 0; i < 4; i++)
            await told.NextAsync();
        _store.Replace([Pod("same", "1"), Pod("changed", "5"), Pod("recreated", "4", "new"), Pod("added", "6")]);
        string[] changes = [await told.NextAsync(), await told.NextAsync(), await told.NextAsync(), await told.NextAsync()];
        Assert.Equal("Deleted gone uid-of-gone", changes[0]);
        Assert.Equal(["Added added ", "Updated changed uid-of-changed", "Updated recreated old"], changes[1..].Order());
        Assert.True(told.IsEmpty);
    }

    [Fact]
    public void A_list_does_not_change_afterwards()
    {
        _store.Replace([Pod("a", "1")]);
        IReadOnlyCollection<V1Pod> list = _store.List();
        _store.Upsert(Pod("b", "2"));
        Assert.Equal("a", Assert.Single(list).Name());
        Assert.Equal(2, _store.Count);
    }

    [Fact]
    public async Task After_leaving_no_call_arrives_and_leaving_twice_is_harmless()
    {
        Signals<string> told = new();
        Signals<string> witness = new();
        Subscription<V1Pod> subscription = _store.Subscribe(change => told.Add(change.Entity.Name()!));
        subscription.Dispose();
        subscription.Dispose();
        using IDisposable other = _store.Subscribe(change => witness.Add(change.Entity.Name()!));
        _store.Upsert(Pod("a", "1"));
        await witness.NextAsync();
        Assert.True(told.IsEmpty);
    }

    private static V1Pod Pod(string name, string version, string? uid = null) =>
        KubernetesJson.Default.Deserialize<V1Pod>(System.Text.Encoding.UTF8.GetBytes(Json.Pod(name, version, uid)))!;
}
