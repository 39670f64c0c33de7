using GpuMem.Kubernetes.Events;

namespace GpuMem.Kubernetes.Tests.Events;

public sealed class EventLimitTests : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly ManualTime _time = new();
    private readonly InMemoryApi _api = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Signals<string> _tried = new();
    private readonly EventRecorder _recorder;
    private int _refused;
    private int _marks;

    public EventLimitTests()
    {
        _recorder = new EventRecorder(_api, "example.com/operator", "operator-0", NullLogger.Instance, _time, () => 0.25, lines: 1);
        _ = _recorder.RunAsync(_stop.Token);
    }

    [Fact]
    public async Task EV4_While_the_server_cannot_be_reached_it_is_tried_twelve_times()
    {
        _api.Before = (verb, _) =>
        {
            _tried.Add(verb);
            throw new HttpRequestException("no route");
        };
        Publish("Lost", "Plan", "nobody will see it");
        Assert.Equal("create", await _tried.NextAsync());
        await _time.PassAsync(Pause * 0.25);
        for (int attempt = 2; attempt < 12; attempt++)
        {
            Assert.Equal("create", await _tried.NextAsync());
            await _time.PassAsync(Pause);
        }

        Assert.Equal("create", await _tried.NextAsync());
        _api.Before = (_, _) => Task.CompletedTask;
        Publish("Next", "Plan", "goes out");
        Assert.Equal("create", await _api.Calls.NextAsync());
        Assert.True(_tried.IsEmpty);
        Assert.Equal("Next", Assert.Single(_api.All<Eventsv1Event>()).Reason);
    }

    [Fact]
    public async Task EV4_What_the_server_refuses_is_not_tried_again()
    {
        _api.Before = (verb, _) =>
        {
            _tried.Add(verb);
            return _api.All<Eventsv1Event>().Count == 0 && Refuse() ? throw new KubernetesException(new V1Status { Code = 500 }) : Task.CompletedTask;
        };
        Publish("Refused", "Plan", "");
        Publish("Accepted", "Plan", "");
        Assert.Equal("create", await _api.Calls.NextAsync());
        Assert.Equal("create", await _tried.NextAsync());
        Assert.Equal("create", await _tried.NextAsync());
        Assert.True(_tried.IsEmpty);
        Assert.Equal("Accepted", Assert.Single(_api.All<Eventsv1Event>()).Reason);
    }

    [Fact]
    public async Task EV6_From_the_tenth_similar_one_they_are_combined()
    {
        for (int i = 1; i <= 12; i++)
            Publish("DoesNotFit", $"Try{i}", $"attempt {i}");
        Publish("DoesNotFit", "Try1", "attempt 1");
        await MarkAsync();
        Eventsv1Event[] sent = [.. _api.All<Eventsv1Event>().Where(item => item.Reason == "DoesNotFit")];
        Eventsv1Event combined = Assert.Single(sent, item => item.Note == "(combined from similar events): attempt 10");
        Assert.Equal(("Combined", 2), (combined.Action, combined.Series!.Count));
        Assert.Equal(10, sent.Length);
        Assert.Equal(2, Assert.Single(sent, item => item.Action == "Try1").Series!.Count);
    }

    [Fact]
    public async Task EV6_After_ten_quiet_minutes_they_stand_for_themselves_again()
    {
        for (int i = 1; i <= 9; i++)
            Publish("DoesNotFit", $"Try{i}", "");
        await MarkAsync();
        _time.Advance(TimeSpan.FromMinutes(11));
        Publish("DoesNotFit", "Try10", "");
        await MarkAsync();
        Assert.Single(_api.All<Eventsv1Event>(), item => item.Action == "Try10");
    }

    [Fact]
    public async Task EV6_One_object_gets_25_at_once_and_one_more_each_five_minutes()
    {
        for (int i = 0; i < 30; i++)
            Publish($"Reason{i}", "Plan", "");
        await MarkAsync();
        Assert.Equal(25, _api.All<Eventsv1Event>().Count(item => item.Regarding!.Name == "a"));
        Assert.Equal(5, _recorder.Dropped);
        _time.Advance(TimeSpan.FromMinutes(5));
        Publish("Later", "Plan", "");
        Publish("TooMuch", "Plan", "");
        await MarkAsync();
        Assert.Single(_api.All<Eventsv1Event>(), item => item.Reason == "Later");
        Assert.Equal(6, _recorder.Dropped);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private bool Refuse() => _refused++ == 0;

    private void Publish(string reason, string action, string note) => _recorder.Publish(Pod("a"), EventType.Warning, reason, action, note);

    /// <summary>An event about something else; once it is written, everything before it has been.</summary>
    private async Task MarkAsync()
    {
        string mark = $"mark-{_marks++}";
        _recorder.Publish(Pod(mark), EventType.Normal, "Mark", "Plan", "");
        while (_api.All<Eventsv1Event>().All(item => item.Regarding!.Name != mark))
            await _api.Calls.NextAsync();
    }

    private static V1Pod Pod(string name) => new() { Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "team", Uid = name } };
}
