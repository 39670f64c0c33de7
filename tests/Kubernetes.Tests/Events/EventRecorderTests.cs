using System.Text;
using GpuMem.Kubernetes.Events;

namespace GpuMem.Kubernetes.Tests.Events;

public sealed class EventRecorderTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly InMemoryApi _api = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly V1Pod _pod = new() { Metadata = new V1ObjectMeta { Name = "a", NamespaceProperty = "team", Uid = "u" } };
    private readonly EventRecorder _recorder;

    public EventRecorderTests() =>
        _recorder = new EventRecorder(_api, "gpumem.io/operator", "operator-0", NullLogger<EventRecorder>.Instance, _time);

    [Fact]
    public async Task EV1_What_repeats_becomes_a_series_and_is_then_only_counted()
    {
        Task running = _recorder.RunAsync(_stop.Token);
        Publish("first");
        Assert.Equal("create", await _api.Calls.NextAsync());
        Publish("the note does not matter");
        Assert.Equal("patch", await _api.Calls.NextAsync());
        Publish("third");
        _recorder.Publish(_pod, EventType.Warning, "Other", "Plan", "another reason is another event");
        Assert.Equal("create", await _api.Calls.NextAsync());

        Eventsv1Event series = _api.All<Eventsv1Event>().Single(item => item.Reason == "DoesNotFit");
        Assert.Equal((2, "first"), (series.Series!.Count, series.Note));
        Assert.Equal(("Warning", "Plan", "team", "gpumem.io/operator", "operator-0"),
            (series.Type, series.Action, series.Namespace(), series.ReportingController, series.ReportingInstance));
        Assert.Equal(("v1", "Pod", "a", "u"), (series.Regarding!.ApiVersion, series.Regarding.Kind, series.Regarding.Name, series.Regarding.Uid));
        await StopAsync(running);
    }

    [Fact]
    public async Task EV2_A_series_that_falls_silent_is_finished_with_its_count()
    {
        Task running = _recorder.RunAsync(_stop.Token);
        for (int i = 0; i < 5; i++)
            Publish("again");
        Assert.Equal("create", await _api.Calls.NextAsync());
        Assert.Equal("patch", await _api.Calls.NextAsync());
        _recorder.Publish(_pod, EventType.Normal, "Marker", "Plan", "");
        Assert.Equal("create", await _api.Calls.NextAsync());
        _time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal("patch", await _api.Calls.NextAsync());
        Assert.Equal(5, _api.All<Eventsv1Event>().Single(item => item.Reason == "DoesNotFit").Series!.Count);
        Publish("a new one");
        Assert.Equal("create", await _api.Calls.NextAsync());
        await StopAsync(running);
    }

    [Fact]
    public async Task EV3_A_series_whose_event_was_deleted_is_written_anew()
    {
        Task running = _recorder.RunAsync(_stop.Token);
        Publish("first");
        await _api.Calls.NextAsync();
        await _api.DeleteAsync<Eventsv1Event>(_api.All<Eventsv1Event>()[0].Name()!, "team", default);
        await _api.Calls.NextAsync();
        Publish("second");
        Assert.Equal("patch", await _api.Calls.NextAsync());
        Assert.Equal("create", await _api.Calls.NextAsync());
        await StopAsync(running);
        Assert.Equal(2, Assert.Single(_api.All<Eventsv1Event>()).Series!.Count);
    }

    [Fact]
    public void EV5_Publishing_never_waits_and_drops_what_is_too_much()
    {
        for (int i = 0; i < 1500; i++)
            Publish("nobody sends");
        Assert.Equal(500, _recorder.Dropped);
    }

    [Fact]
    public async Task EV4_A_refused_event_is_lost_and_the_next_one_goes_out()
    {
        Signals<bool> tried = new();
        _api.Before = (_, _) =>
        {
            _api.Before = (_, _) => Task.CompletedTask;
            tried.Add(true);
            throw new KubernetesException(new V1Status { Code = 422, Reason = "Invalid" });
        };
        Task running = _recorder.RunAsync(_stop.Token);
        Publish("refused");
        await tried.NextAsync();
        Publish("accepted");
        Assert.Equal("create", await _api.Calls.NextAsync());
        await StopAsync(running);
    }

    [Fact]
    public async Task EV4_An_event_that_arrived_though_its_answer_did_not_counts_as_written()
    {
        _api.Before = (_, _) =>
        {
            _api.Before = (_, _) => Task.CompletedTask;
            throw new KubernetesException(new V1Status { Code = 409, Reason = "AlreadyExists" });
        };
        Task running = _recorder.RunAsync(_stop.Token);
        Publish("first");
        Publish("second");
        Assert.Equal("patch", await _api.Calls.NextAsync());
        await StopAsync(running);
    }

    [Fact]
    public async Task EV7_A_long_reason_is_cut_so_that_the_event_is_not_refused()
    {
        Task running = _recorder.RunAsync(_stop.Token);
        _recorder.Publish(_pod, EventType.Normal, new string('R', 200), new string('A', 200), "");
        await _api.Calls.NextAsync();
        await StopAsync(running);
        Eventsv1Event sent = Assert.Single(_api.All<Eventsv1Event>());
        Assert.Equal((128, 128), (Encoding.UTF8.GetByteCount(sent.Reason!), Encoding.UTF8.GetByteCount(sent.Action!)));
    }

    [Fact]
    public async Task EV7_A_note_is_cut_at_a_kibibyte_between_characters()
    {
        Task running = _recorder.RunAsync(_stop.Token);
        Publish(string.Concat(Enumerable.Repeat("größer 🚀", 500)));
        await _api.Calls.NextAsync();
        await StopAsync(running);
        string note = Assert.Single(_api.All<Eventsv1Event>()).Note!;
        Assert.InRange(Encoding.UTF8.GetByteCount(note), 1018, 1024);
        Assert.EndsWith("…", note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EV7_Events_about_cluster_scoped_objects_live_in_the_default_namespace()
    {
        Task running = _recorder.RunAsync(_stop.Token);
        _recorder.Publish(new V1Node { Metadata = new V1ObjectMeta { Name = "n" } }, EventType.Normal, "Seen", "Count", "");
        await _api.Calls.NextAsync();
        await StopAsync(running);
        Assert.Equal("default", Assert.Single(_api.All<Eventsv1Event>()).Namespace());
    }

    public void Dispose() => _stop.Dispose();

    private void Publish(string note) => _recorder.Publish(_pod, EventType.Warning, "DoesNotFit", "Plan", note);

    private async Task StopAsync(Task running)
    {
        await _stop.CancelAsync();
        await running;
    }
}
