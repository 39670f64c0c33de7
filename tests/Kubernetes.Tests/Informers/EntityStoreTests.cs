using GpuMem.Kubernetes.Informers;

namespace GpuMem.Kubernetes.Tests.Informers;

public sealed class EntityStoreTests
{
    private readonly EntityStore<V1Pod> _store = new(NullLogger.Instance);

    [Fact]
    public async Task I4_A_late_subscriber_hears_of_everything_once()
    {
        _store.Replace([Kept("a", "1")], []);
        _store.Upsert(Kept("b", "2"));
        Signals<string> told = new();
        using IDisposable subscription = _store.Subscribe(change => told.Add($"{change.Type} {change.Entity.Name()}"));
        _store.Upsert(Kept("c", "3"));
        _store.Remove(new NamespacedName("default", "a"));
        string[] first = [await told.NextAsync(), await told.NextAsync()];
        Assert.Equal(["Added a", "Added b"], first.Order());
        Assert.Equal("Added c", await told.NextAsync());
        Assert.Equal("Deleted a", await told.NextAsync());
        Assert.True(told.IsEmpty);
    }

    [Fact]
    public async Task I2_The_store_knows_before_its_subscribers_do()
    {
        Signals<string?> seen = new();
        using IDisposable subscription = _store.Subscribe(change => seen.Add(_store.Get(NamespacedName.Of(change.Entity))?.ResourceVersion()));
        _store.Upsert(Kept("a", "1"));
        Assert.Equal("1", await seen.NextAsync());
    }

    [Fact]
    public async Task I3_A_stuck_subscriber_holds_up_nobody_and_its_own_calls_never_overlap()
    {
        using ManualResetEventSlim release = new();
        int inside = 0;
        Signals<int> overlaps = new();
        using IDisposable stuck = _store.Subscribe(
            _ =>
            {
                int now = Interlocked.Increment(ref inside);
                release.Wait();
                Interlocked.Decrement(ref inside);
                overlaps.Add(now);
            });
        Signals<string> told = new();
        using IDisposable other = _store.Subscribe(change => told.Add(change.Entity.ResourceVersion()!));
        _store.Upsert(Kept("a", "1"));
        _store.Upsert(Kept("a", "2"));
        Assert.Equal("1", await told.NextAsync());
        Assert.Equal("2", await told.NextAsync());
        release.Set();
        Assert.Equal(1, await overlaps.NextAsync());
        Assert.Equal(1, await overlaps.NextAsync());
    }

    [Fact]
    public async Task I1_Each_object_goes_through_its_states_in_order()
    {
        Signals<string> told = new();
        using IDisposable subscription = _store.Subscribe(change => told.Add($"{change.Old?.ResourceVersion()}>{change.New?.ResourceVersion()}"));
        for (int version = 1; version <= 100; version++)
            _store.Upsert(Kept("a", version.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(">1", await told.NextAsync());
        for (int version = 2; version <= 100; version++)
            Assert.Equal($"{version - 1}>{version}", await told.NextAsync());
    }

    [Fact]
    public async Task R7_I6_A_replacement_tells_the_difference_only()
    {
        _store.Replace([Kept("same", "1"), Kept("changed", "2"), Kept("gone", "3"), Kept("recreated", "4", "old")], []);
        Signals<string> told = new();
        using IDisposable subscription = _store.Subscribe(change => told.Add($"{change.Type} {change.Entity.Name()} {change.Old?.Uid()}"));
        for (int i = 0; i < 4; i++)
            await told.NextAsync();
        _store.Replace([Kept("same", "1"), Kept("changed", "5"), Kept("recreated", "4", "new"), Kept("added", "6")], []);
        string[] changes = [await told.NextAsync(), await told.NextAsync(), await told.NextAsync(), await told.NextAsync()];
        Assert.Equal("Deleted gone uid-of-gone", changes[0]);
        Assert.Equal(["Added added ", "Updated changed uid-of-changed", "Updated recreated old"], changes[1..].Order());
        Assert.True(told.IsEmpty);
    }

    [Fact]
    public void I9_A_list_does_not_change_afterwards()
    {
        _store.Replace([Kept("a", "1")], []);
        IReadOnlyCollection<V1Pod> list = _store.List();
        _store.Upsert(Kept("b", "2"));
        Assert.Equal("a", Assert.Single(list).Name());
        Assert.Equal(2, _store.Count);
    }

    [Fact]
    public async Task I11_After_leaving_no_call_arrives_and_leaving_twice_is_harmless()
    {
        Signals<string> told = new();
        Signals<string> witness = new();
        Subscription<V1Pod> subscription = _store.Subscribe(change => told.Add(change.Entity.Name()!));
        subscription.Dispose();
        subscription.Dispose();
        using IDisposable other = _store.Subscribe(change => witness.Add(change.Entity.Name()!));
        _store.Upsert(Kept("a", "1"));
        await witness.NextAsync();
        Assert.True(told.IsEmpty);
    }

    [Fact]
    public async Task R23_A_resync_tells_of_everything_again_from_memory()
    {
        _store.Replace([Kept("a", "1"), Kept("b", "2")], []);
        Signals<string> told = new();
        using IDisposable subscription = _store.Subscribe(change => told.Add($"{change.Type} {change.Name.Name} {ReferenceEquals(change.Old, change.New)}"));
        await told.NextAsync();
        await told.NextAsync();
        _store.Resync();
        string[] again = [await told.NextAsync(), await told.NextAsync()];
        Assert.Equal(["Updated a True", "Updated b True"], again.Order());
    }

    [Fact]
    public void I7_Whoever_changes_what_it_borrowed_is_found_out()
    {
        List<string> found = [];
        EntityStore<V1Pod> store = new(NullLogger.Instance, new MutationDetector<V1Pod>(KubernetesJson.Default.WriteInfo<V1Pod>(), found.Add));
        store.Upsert(Kept("honest", "1"));
        store.Upsert(Kept("changed", "1"));
        store.Get(new NamespacedName("default", "changed"))!.Metadata.Labels = new Dictionary<string, string> { ["mine"] = "now" };
        store.Upsert(Kept("honest", "2"));
        Assert.Empty(found);
        store.Remove(new NamespacedName("default", "changed"));
        Assert.Contains("mine", Assert.Single(found), StringComparison.Ordinal);
    }

    [Fact]
    public void I8_An_index_follows_additions_changes_and_deletions_and_keeps_no_empty_key()
    {
        StoreIndex<string> index = new(text => text.Split(' '));
        NamespacedName one = new("one"), two = new("two");
        index.Change(one, null, "red blue");
        index.Change(two, null, "blue");
        Assert.Equal(["blue", "red blue"], index.Find("blue").Order());
        index.Change(one, "red blue", "green");
        Assert.Empty(index.Find("red"));
        Assert.Equal(["blue"], index.Find("blue"));
        Assert.Equal(["green"], index.Find("green"));
        index.Change(one, "green", null);
        index.Change(two, "blue", null);
        Assert.Equal(0, index.Count);
    }

    [Fact]
    public void I8_An_index_made_late_holds_what_is_there_and_an_unknown_one_is_refused()
    {
        _store.Replace([Kept("a", "1")], []);
        _store.AddIndex("by version", pod => [pod.ResourceVersion()!]);
        Assert.Equal("a", Assert.Single(_store.ByIndex("by version", "1")).Name());
        _store.Upsert(Kept("a", "2"));
        Assert.Empty(_store.ByIndex("by version", "1"));
        Assert.Throws<ArgumentException>(() => _store.ByIndex("by name", "a"));
    }

    private static V1Pod Pod(string name, string version, string? uid = null) =>
        KubernetesJson.Default.Deserialize<V1Pod>(System.Text.Encoding.UTF8.GetBytes(Json.Pod(name, version, uid)))!;

    private static Kept<V1Pod> Kept(string name, string version, string? uid = null) => Kept<V1Pod>.Of<V1Pod>(pod => pod)(Pod(name, version, uid))!;
}
