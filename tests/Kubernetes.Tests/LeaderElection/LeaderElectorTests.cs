using GpuMem.Kubernetes.LeaderElection;
using Microsoft.Extensions.Logging;

namespace GpuMem.Kubernetes.Tests.LeaderElection;

public sealed class LeaderElectorTests : IDisposable
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);

    private readonly ManualTime _time = new();
    private readonly InMemoryApi _api = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Signals<string> _seen = new();

    [Theory]
    [InlineData(15, 15, 2)]
    [InlineData(15, 10, 9)]
    [InlineData(0, 10, 2)]
    [InlineData(15, 10, 0)]
    public void L1_Times_that_cannot_work_are_refused(int lease, int deadline, int retry) =>
        Assert.Throws<ArgumentException>(() => Elector(new LeaderElectionConfig(Lock("a"))
        {
            LeaseDuration = TimeSpan.FromSeconds(lease),
            RenewDeadline = TimeSpan.FromSeconds(deadline),
            RetryPeriod = TimeSpan.FromSeconds(retry),
        }));

    [Fact]
    public void L9_An_identity_is_needed_and_differs_between_two_locks_of_one_process()
    {
        Assert.Throws<ArgumentException>(() => Elector(""));
        Assert.NotEqual(new LeaseLock(_api, "default", "lease").Identity, new LeaseLock(_api, "default", "lease").Identity);
        Assert.StartsWith(Environment.MachineName + "_", new LeaseLock(_api, "default", "lease").Identity, StringComparison.Ordinal);
    }

    [Fact]
    public async Task L5_A_free_lease_is_taken_renewed_without_reading_and_given_back()
    {
        LeaderElector elector = Elector("a");
        Task running = RunAsync(elector, "a");
        Assert.Equal("a starts", await _seen.NextAsync());
        Assert.True(elector.IsLeader());
        V1LeaseSpec taken = Lease();
        Assert.Equal(("a", 15, 0), (taken.HolderIdentity, taken.LeaseDurationSeconds, taken.LeaseTransitions));
        Assert.Equal(["get", "create"], [await _api.Calls.NextAsync(), await _api.Calls.NextAsync()]);

        await _time.PassAsync(Retry);
        Assert.Equal("update", await _api.Calls.NextAsync());
        await _time.TimerAsync(due => due == Retry);
        V1LeaseSpec renewed = Lease();
        Assert.Equal(taken.AcquireTime, renewed.AcquireTime);
        Assert.Equal(taken.RenewTime + Retry, renewed.RenewTime);

        await _stop.CancelAsync();
        await running;
        Assert.Equal("a stops", await _seen.NextAsync());
        Assert.False(elector.IsLeader());
        Assert.Equal(("", 1), (Lease().HolderIdentity, Lease().LeaseDurationSeconds));
    }

    [Fact]
    public async Task L2_A_challenger_waits_the_duration_in_the_lease_from_when_it_saw_it()
    {
        // A clock years apart must not matter, nor our own configured duration.
        await _api.CreateAsync(
            new V1Lease
            {
                Metadata = new V1ObjectMeta { Name = "lease", NamespaceProperty = "default" },
                Spec = new V1LeaseSpec
                {
                    HolderIdentity = "other", LeaseDurationSeconds = 60, RenewTime = _time.GetUtcNow().UtcDateTime.AddYears(-5), LeaseTransitions = 3,
                },
            },
            default);
        LeaderElector elector = Elector("a");
        Task running = RunAsync(elector, "a");
        TimeSpan waited = TimeSpan.Zero;
        while (waited < TimeSpan.FromSeconds(57))
        {
            TimeSpan pause = await _time.TimerAsync(IsPause);
            Assert.Equal("other", elector.GetLeader());
            waited += pause;
            _time.Advance(pause);
        }

        Assert.Equal("other", Lease().HolderIdentity);
        while (waited < TimeSpan.FromSeconds(60))
        {
            TimeSpan pause = await _time.TimerAsync(IsPause);
            waited += pause;
            _time.Advance(pause);
        }

        Assert.Equal("a starts", await _seen.NextAsync());
        Assert.Equal(("a", 4), (Lease().HolderIdentity, Lease().LeaseTransitions));
        await StopAsync(running);
    }

    [Fact]
    public async Task L11_Renewing_keeps_the_acquire_time_and_taking_over_counts_a_transition()
    {
        Task first = RunAsync(Elector("a"), "a");
        Assert.Equal("a starts", await _seen.NextAsync());
        DateTime? acquired = Lease().AcquireTime;
        await _time.PassAsync(Retry);
        await _time.TimerAsync(due => due == Retry);
        Assert.Equal((acquired, 0), (Lease().AcquireTime, Lease().LeaseTransitions));
        await StopAsync(first);
        Assert.Equal("a stops", await _seen.NextAsync());

        using CancellationTokenSource stop = new();
        _time.Advance(TimeSpan.FromSeconds(1));
        Task second = RunAsync(Elector("b"), "b", stop: stop.Token);
        Assert.Equal("b starts", await _seen.NextAsync());
        Assert.Equal((_time.GetUtcNow().UtcDateTime, 1), (Lease().AcquireTime, Lease().LeaseTransitions));
        await stop.CancelAsync();
        await second;
    }

    [Fact]
    public async Task L4_Losing_a_race_is_no_error()
    {
        Task? other = null;
        _api.Before = async (verb, _) =>
        {
            if (verb != "create")
                return;
            _api.Before = (_, _) => Task.CompletedTask;
            other = RunAsync(Elector("b"), "b");
            await _seen.NextAsync();
        };
        RecordingLogger<LeaderElector> logger = new();
        LeaderElector elector = Elector(new LeaderElectionConfig(Lock("a")), logger);
        Task running = RunAsync(elector, "a");
        await _time.TimerAsync(IsPause);
        Assert.Equal("b", Lease().HolderIdentity);
        Assert.False(elector.IsLeader());
        Assert.True(logger.Lines.IsEmpty);
        await StopAsync(running, other!);
    }

    [Fact]
    public async Task L3_Two_electors_never_lead_at_once_even_when_one_is_cut_off()
    {
        int leading = 0;
        bool cut = false;
        _api.Before = (_, _) => Volatile.Read(ref cut) ? throw new HttpRequestException("cut off") : Task.CompletedTask;
        LeaderElector first = Elector("a");
        Task running = RunAsync(first, "a", LeadAsync);
        Assert.Equal("a starts", await _seen.NextAsync());
        cut = true;

        // Renewals fail until the deadline; the work is told to stop well before the lease runs out for others.
        for (TimeSpan passed = TimeSpan.Zero; passed < TimeSpan.FromSeconds(10); passed += Retry)
            await _time.PassAsync(Retry);

        await running;
        Assert.Equal("a stops", await _seen.NextAsync());
        Assert.Equal("a", Lease().HolderIdentity);
        Assert.Equal(0, leading);

        cut = false;
        LeaderElector second = Elector("b");
        Task next = RunAsync(second, "b", LeadAsync);
        while (_seen.IsEmpty)
            _time.Advance(await _time.TimerAsync(IsPause));
        Assert.Equal("b starts", await _seen.NextAsync());
        Assert.Equal("b", Lease().HolderIdentity);

        // The first one campaigns again and sees the second.
        Task third = RunAsync(first, "a");
        await _time.TimerAsync(IsPause);
        Assert.Equal("b", first.GetLeader());
        await StopAsync(next, third);

        async Task LeadAsync(CancellationToken token)
        {
            Assert.Equal(1, Interlocked.Increment(ref leading));
            await Task.Delay(Timeout.Infinite, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Interlocked.Decrement(ref leading);
        }
    }

    [Trait("Fault", "C25")]
    [Fact]
    public async Task L3_After_a_pause_longer_than_the_lease_it_knows_at_once()
    {
        LeaderElector elector = Elector("a");
        Task running = RunAsync(elector, "a");
        await _seen.NextAsync();
        _api.Before = (_, token) => Task.Delay(Timeout.Infinite, token);
        _time.Advance(TimeSpan.FromSeconds(15));
        Assert.False(elector.IsLeader());
        await running;
        Assert.Equal("a stops", await _seen.NextAsync());
    }

    [Fact]
    public async Task L3_A_lease_that_was_granted_too_late_starts_no_term()
    {
        _api.Before = (verb, _) =>
        {
            if (verb == "create")
            {
                _api.Before = (_, _) => Task.CompletedTask;
                _time.Advance(TimeSpan.FromSeconds(16));
            }

            return Task.CompletedTask;
        };
        LeaderElector elector = Elector("a");
        Task running = RunAsync(elector, "a");
        TimeSpan pause = await _time.TimerAsync(IsPause);
        Assert.True(_seen.IsEmpty);
        Assert.False(elector.IsLeader());
        _time.Advance(pause);
        Assert.Equal("a starts", await _seen.NextAsync());
        await StopAsync(running);
    }

    [Fact]
    public async Task L8_At_the_deadline_a_renewal_under_way_is_cancelled()
    {
        Task running = RunAsync(Elector("a"), "a");
        await _seen.NextAsync();
        TaskCompletionSource entered = new();
        TaskCompletionSource cancelled = new();
        _api.Before = async (_, token) =>
        {
            entered.TrySetResult();
            await Task.Delay(Timeout.Infinite, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancelled.TrySetResult();
        };
        DateTime? before = Lease().RenewTime;
        await _time.PassAsync(Retry);
        await entered.Task;
        _time.Advance(TimeSpan.FromSeconds(8));
        await cancelled.Task;
        await running;
        Assert.Equal("a stops", await _seen.NextAsync());
        Assert.Equal(before, Lease().RenewTime);
    }

    [Fact]
    public async Task L10_The_lease_is_kept_until_the_work_has_ended_and_given_back_despite_a_conflict()
    {
        TaskCompletionSource finish = new();
        Task running = RunAsync(Elector("a"), "a", _ => finish.Task);
        await _seen.NextAsync();
        await _time.TimerAsync(due => due == Retry);
        await _stop.CancelAsync();
        Assert.Equal("a", Lease().HolderIdentity);
        _time.Advance(Retry);
        await _time.TimerAsync(due => due == Retry);
        Assert.Equal(_time.GetUtcNow().UtcDateTime, Lease().RenewTime);

        bool conflicted = false;
        _api.Before = (verb, _) =>
        {
            if (verb != "update" || conflicted)
                return Task.CompletedTask;
            conflicted = true;
            throw new KubernetesException(new V1Status { Code = 409, Reason = "Conflict" });
        };
        finish.SetResult();
        await running;
        Assert.True(conflicted);
        Assert.Equal("", Lease().HolderIdentity);
    }

    [Fact]
    public async Task L6_Errors_are_reported_and_do_not_end_the_campaign()
    {
        RecordingLogger<LeaderElector> logger = new();
        _api.Before = (_, _) => throw new KubernetesException(new V1Status { Code = 403, Reason = "Forbidden", Message = "no leases for you" });
        LeaderElector elector = Elector(new LeaderElectionConfig(Lock("a")), logger);
        Task running = RunAsync(elector, "a");
        Assert.Contains("no leases for you", await logger.Lines.NextAsync(), StringComparison.Ordinal);
        _api.Before = (_, _) => Task.CompletedTask;
        _time.Advance(await _time.TimerAsync(IsPause));
        Assert.Equal("a starts", await _seen.NextAsync());
        await StopAsync(running);
    }

    [Fact]
    public async Task L12_Work_that_does_not_end_after_the_lease_is_lost_makes_it_unhealthy()
    {
        TimeSpan tolerance = TimeSpan.FromSeconds(20);
        TaskCompletionSource told = new();
        TaskCompletionSource finish = new();
        LeaderElector elector = Elector("a");
        Assert.True(elector.IsHealthy(tolerance));
        Task running = RunAsync(
            elector,
            "a",
            token =>
            {
                token.Register(told.SetResult);
                return finish.Task;
            });
        await _seen.NextAsync();
        _api.Before = (_, _) => throw new HttpRequestException("cut off");
        for (TimeSpan passed = TimeSpan.Zero; passed < TimeSpan.FromSeconds(10); passed += Retry)
            await _time.PassAsync(Retry);
        await told.Task;
        _time.Advance(TimeSpan.FromSeconds(25));
        Assert.True(elector.IsHealthy(tolerance));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(elector.IsHealthy(tolerance));
        finish.SetResult();
        await running;
        Assert.True(elector.IsHealthy(tolerance));
    }

    [Fact]
    public void L14_Times_are_written_with_six_decimals()
    {
        V1Lease lease = new() { Spec = new V1LeaseSpec { RenewTime = new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.FromHours(1)).UtcDateTime } };
        Assert.Contains(
            "\"renewTime\":\"2030-01-02T02:04:05.000000Z\"",
            System.Text.Encoding.UTF8.GetString(KubernetesJson.Default.Serialize(lease)),
            StringComparison.Ordinal);
    }

    public void Dispose() => _stop.Dispose();

    private static bool IsPause(TimeSpan due) => due >= Retry && due <= Retry * 1.2;

    private async Task StopAsync(params Task[] running)
    {
        await _stop.CancelAsync();
        await Task.WhenAll(running);
    }

    private V1LeaseSpec Lease() => _api.Peek<V1Lease>("lease")!.Spec!;

    private LeaseLock Lock(string identity) => new(_api, "default", "lease", identity);

    private LeaderElector Elector(string identity) => Elector(new LeaderElectionConfig(Lock(identity)));

    private LeaderElector Elector(LeaderElectionConfig config, ILogger<LeaderElector>? logger = null) =>
        new(config, logger ?? NullLogger<LeaderElector>.Instance, _time);

    /// <summary>Says when it begins to lead and when it has ended.</summary>
    private Task RunAsync(LeaderElector elector, string identity, Func<CancellationToken, Task>? work = null, CancellationToken? stop = null) =>
        elector.RunUntilLeadershipLostAsync(
            async token =>
            {
                _seen.Add($"{identity} starts");
                try
                {
                    await (work is null ? Task.Delay(Timeout.Infinite, token) : work(token));
                }
                finally
                {
                    _seen.Add($"{identity} stops");
                }
            },
            stop ?? _stop.Token);
}
