using Microsoft.Extensions.Logging.Abstractions;

namespace GpuMem.Kubernetes.LeaderElection;

/// <summary>Runs for a lease and keeps it, by the rules of client-go's tools/leaderelection.</summary>
public sealed class LeaderElector
{
    private readonly LeaderElectionConfig _config;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly LeaseClaim _claim;
    private string? _reported;

    public LeaderElector(LeaderElectionConfig config, ILogger<LeaderElector>? logger = null, TimeProvider? timeProvider = null)
    {
        config.Validate();
        _config = config;
        _logger = logger ?? NullLogger<LeaderElector>.Instance;
        _time = timeProvider ?? TimeProvider.System;
        _claim = new LeaseClaim(config, _time);
    }

#pragma warning disable CA1003 // The events of KubernetesClient's LeaderElector.
    public event Action? OnStartedLeading;

    /// <summary>Raised once the work has ended; nothing renews the lease after it.</summary>
    public event Action? OnStoppedLeading;

    public event Action<string>? OnNewLeader;

    public event Action<Exception>? OnError;
#pragma warning restore CA1003

    /// <summary>We hold the lease, and not longer ago than it lasts: false at once after a pause of the process.</summary>
    public bool IsLeader() => _claim.IsHeld;

    /// <summary>
    /// False when we still act as the leader though the last renewal is older than the lease and this tolerance: work that does not end
    /// when told to, or a renewal that hangs. Only a new process helps then, so <c>/healthz</c> should fail.
    /// </summary>
    public bool IsHealthy(TimeSpan tolerance) => !_claim.IsClaimed || _claim.SinceRenewal <= _config.LeaseDuration + tolerance;

    /// <summary>Who leads as far as we know; null when nobody does.</summary>
    public string? GetLeader() => _claim.Holder;

    /// <summary>Waits for the lease, holds it, and returns when it is lost. Cancelling gives it back.</summary>
    public Task RunUntilLeadershipLostAsync(CancellationToken cancellationToken = default) =>
        RunUntilLeadershipLostAsync(token => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token), cancellationToken);

    /// <summary>
    /// The same around some work: its token ends with the leadership, and the lease is given back only after the work has ended.
    /// Call it again to run for another term, or end the process, which is safer.
    /// </summary>
    public async Task RunUntilLeadershipLostAsync(Func<CancellationToken, Task> whileLeading, CancellationToken cancellationToken = default)
    {
        LeaderMetrics.Set(_config.Lock.Name, false);
        if (!await AcquireAsync(cancellationToken))
            return;
        LeaderMetrics.Set(_config.Lock.Name, true);
        _logger.Leading(_config.Lock.ToString(), _config.Lock.Identity);
        using CancellationTokenSource leadership = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using CancellationTokenSource renewal = new();
        Task<bool> renewing = RenewUntilLostAsync(renewal.Token);
        OnStartedLeading?.Invoke();
        Task working = WorkAsync(whileLeading, leadership.Token);

        await Task.WhenAny(working, renewing);
        await leadership.CancelAsync();
        // Even when told to stop, the lease is renewed until the work has ended: nobody else may start before.
        await working.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await renewal.CancelAsync();
        bool kept = await renewing;
        _claim.StepDown();
        LeaderMetrics.Set(_config.Lock.Name, false);
        _logger.NotLeading(_config.Lock.ToString(), kept);
        OnStoppedLeading?.Invoke();
        if (kept)
            await ReleaseAsync();
        await working;
    }

    private static async Task WorkAsync(Func<CancellationToken, Task> work, CancellationToken leadership)
    {
        try
        {
            await work(leadership);
        }
        catch (OperationCanceledException) when (leadership.IsCancellationRequested)
        {
        }
    }

    private async Task<bool> AcquireAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if (await TryHoldAsync(cancellationToken))
                return true;
            TimeSpan pause = _config.RetryPeriod * (1 + (Random.Shared.NextDouble() * (LeaderElectionConfig.JitterFactor - 1)));
            await Task.Delay(pause, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return false;
    }

    /// <summary>False when the lease is lost; true when we were told to stop while we held it.</summary>
    private async Task<bool> RenewUntilLostAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            TimeSpan left = _config.RenewDeadline - _claim.SinceRenewal;
            if (left <= TimeSpan.Zero || !_claim.IsHeld)
                return false;
            // Cancels a renewal under way, too: it must not succeed after we have stepped down.
            using CancellationTokenSource deadline = new(left, _time);
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stop);
            await Task.Delay(_config.RetryPeriod, _time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (either.IsCancellationRequested)
                continue;
            if (!await TryHoldAsync(either.Token) && _claim.Holder != _config.Lock.Identity)
                return false;
        }

        return _claim.IsHeld;
    }

    private async Task<bool> TryHoldAsync(CancellationToken cancellationToken)
    {
        try
        {
            bool held = await _claim.TryHoldAsync(cancellationToken);
            ReportLeader();
            return held;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }
#pragma warning disable CA1031 // A candidate that dies of an error is never heard of again: report it and try again.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _logger.LeaseFailed(failure, _config.Lock.ToString(), failure.Message);
            OnError?.Invoke(failure);
            return false;
        }
    }

    private void ReportLeader()
    {
        if (_claim.Holder is not { } holder || holder == _reported)
            return;
        _reported = holder;
        OnNewLeader?.Invoke(holder);
    }

    private async Task ReleaseAsync()
    {
        using CancellationTokenSource limit = new(_config.RenewDeadline, _time);
        try
        {
            await _claim.ReleaseAsync(limit.Token);
        }
#pragma warning disable CA1031 // Giving back is a courtesy; without it the others wait for the lease to expire.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _logger.LeaseFailed(failure, _config.Lock.ToString(), failure.Message);
        }
    }
}
