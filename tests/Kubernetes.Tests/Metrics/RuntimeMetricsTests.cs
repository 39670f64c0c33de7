using System.Globalization;
using GpuMem.Kubernetes.LeaderElection;
using GpuMem.Kubernetes.Metrics;
using GpuMem.Kubernetes.Queue;
using GpuMem.Metrics;

namespace GpuMem.Kubernetes.Tests.Metrics;

public sealed class RuntimeMetricsTests : IDisposable
{
    // Other tests measure at the same time: each has names of its own.
    private readonly string _name = $"test-{Guid.NewGuid():N}";
    private readonly ManualTime _time = new();
    private readonly PrometheusText _text = new(RuntimeMeter.Instance.Name);

    [Fact]
    public async Task Q14_A_queue_tells_how_much_waits_and_how_long_it_takes()
    {
        using (WorkQueue<string> queue = new(_time, new WorkQueueOptions { Name = _name }))
        {
            queue.Add("a");
            queue.Add("a");
            queue.Add("b");
            queue.AddRateLimited("c");
            Assert.Equal((2, 2, 1), (Value("workqueue_depth"), Value("workqueue_adds_total"), Value("workqueue_retries_total")));

            _time.Advance(TimeSpan.FromSeconds(2));
            await queue.GetAsync(default);
            _time.Advance(TimeSpan.FromSeconds(3));
            await queue.GetAsync(default);
            _time.Advance(TimeSpan.FromSeconds(4));
            Assert.Equal((2 + 5, 2), (Value("workqueue_queue_duration_seconds_sum"), Value("workqueue_queue_duration_seconds_count")));
            Assert.Equal((7 + 4, 7), (Value("workqueue_unfinished_work_seconds"), Value("workqueue_longest_running_processor_seconds")));
            queue.Done("a");
            Assert.Equal((7, 1), (Value("workqueue_work_duration_seconds_sum"), Value("workqueue_work_duration_seconds_count")));
            Assert.Equal((4, 1), (Value("workqueue_unfinished_work_seconds"), Value("workqueue_depth")));
        }

        Assert.Null(Value("workqueue_depth"));
    }

    [Fact]
    public async Task A_candidate_tells_whether_it_leads()
    {
        using CancellationTokenSource stop = new();
        LeaderElectionConfig config = new(new LeaseLock(new InMemoryApi(), "default", _name));
        LeaderElector elector = new(config, NullLogger<LeaderElector>.Instance, _time);
        Signals<double?> seen = new();
        Task running = elector.RunUntilLeadershipLostAsync(
            token =>
            {
                seen.Add(Value("leader_election_master_status"));
                return Task.Delay(Timeout.Infinite, token);
            },
            stop.Token);
        Assert.Equal(1, await seen.NextAsync());
        await stop.CancelAsync();
        await running;
        Assert.Equal(0, Value("leader_election_master_status"));
    }

    [Fact]
    public void The_process_tells_what_it_uses()
    {
        Assert.InRange(Process("process_cpu_seconds_total"), 0.01, 1e6);
        Assert.InRange(Process("process_resident_memory_bytes"), 1e6, 1e12);
        Assert.InRange(Process("process_start_time_seconds"), 1.6e9, 1e10);
        if (OperatingSystem.IsLinux())
            Assert.InRange(Process("process_open_fds"), 3, 1e6);
    }

    public void Dispose() => _text.Dispose();

    private double? Value(string metric) => Find($"{metric}{{name=\"{_name}\"}} ");

    private double Process(string metric) => Find(metric + " ") ?? throw new InvalidOperationException($"no {metric}");

    private double? Find(string start) =>
        _text.Write().Split('\n').SingleOrDefault(line => line.StartsWith(start, StringComparison.Ordinal)) is { } line
            ? double.Parse(line[start.Length..], CultureInfo.InvariantCulture)
            : null;
}
