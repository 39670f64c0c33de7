namespace GpuMem.Kubernetes.LeaderElection;

/// <summary>Runs for a lease and keeps it, by the rules of client-go's tools/leaderelection.</summary>
public sealed class LeaderElector(LeaderElectionConfig config, ILogger<LeaderElector> logger, TimeProvider timeProvider)
{
    private readonly LeaseClaim _claim = new(config.Validated(), timeProvider);

    /// <summary>We hold the lease, and not longer ago than it lasts: false at once after a pause of the process.</summary>
    public bool IsLeader() => _claim.IsHeld;

    /// <summary>
    /// False when we still act as the leader though the last renewal is older than the lease and this tolerance: work that does not end
    /// when told to, or a renewal that hangs. Only a new process helps then, so <c>/healthz</c> should fail.
    /// </summary>
    public bool IsHealthy(TimeSpan tolerance) => !_claim.IsClaimed || _claim.SinceRenewal <= config.LeaseDuration + tolerance;

    /// <summary>Who leads as far as we know; null when nobody does.</summary>
    public string? GetLeader() => _claim.Holder;

    /// <summary>
    /// Waits for the lease, holds it around some work, and returns when it is lost. The token of the work ends with the leadership.
    /// Cancelling gives the lease back, but only after the work has ended. Call it again to run for another term, or end the process, which
    /// is safer.
    /// </summary>
    public async Task RunUntilLeadershipLostAsync(Func<CancellationToken, Task> whileLeading, CancellationToken cancellationToken)
    {
        LeaderMetrics.Set(config.Lock.Name, false);
        if (!await AcquireAsync(cancellationToken))
            return;
        LeaderMetrics.Set(config.Lock.Name, true);
        logger.Leading(config.Lock.ToString(), config.Lock.Identity);
        using CancellationTokenSource leadership = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using CancellationTokenSource renewal = new();
        Task<bool> renewing = RenewUntilLostAsync(renewal.Token);
        Task working = WorkAsync(whileLeading, leadership.Token);

        await Task.WhenAny(working, renewing);
        await leadership.CancelAsync();
        // Even when told to stop, the lease is renewed until the work has ended: nobody else may start before.
        await working.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await renewal.CancelAsync();
        bool kept = await renewing;
        _claim.StepDown();
        LeaderMetrics.Set(config.Lock.Name, false);
        logger.NotLeading(config.Lock.ToString(), kept);
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
            TimeSpan pause = config.RetryPeriod * (1 + (Random.Shared.NextDouble() * (LeaderElectionConfig.JitterFactor - 1)));
            await Task.Delay(pause, timeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return false;
    }

    /// <summary>False when the lease is lost; true when we were told to stop while we held it.</summary>
    private async Task<bool> RenewUntilLostAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            TimeSpan left = config.RenewDeadline - _claim.SinceRenewal;
            if (left <= TimeSpan.Zero || !_claim.IsHeld)
                return false;
            // Cancels a renewal under way, too: it must not succeed after we have stepped down.
            using CancellationTokenSource deadline = new(left, timeProvider);
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stop);
            await Task.Delay(config.RetryPeriod, timeProvider, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (either.IsCancellationRequested)
                continue;
            if (!await TryHoldAsync(either.Token) && _claim.Holder != config.Lock.Identity)
                return false;
        }

        return _claim.IsHeld;
    }

    private async Task<bool> TryHoldAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _claim.TryHoldAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }
#pragma warning disable CA1031 // A candidate that dies of an error is never heard of again: report it and try again.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            logger.LeaseFailed(failure, config.Lock.ToString(), failure.Message);
            return false;
        }
    }

    private async Task ReleaseAsync()
    {
        using CancellationTokenSource limit = new(config.RenewDeadline, timeProvider);
        try
        {
            await _claim.ReleaseAsync(limit.Token);
        }
#pragma warning disable CA1031 // Giving back is a courtesy; without it the others wait for the lease to expire.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            logger.LeaseFailed(failure, config.Lock.ToString(), failure.Message);
        }
    }
}
