namespace GpuMem.Kubernetes.LeaderElection;

/// <summary>
/// What we know of the lease, and the attempts to get or keep it. Ages are measured on our own monotonic clock from when we saw a
/// change: the times written in the lease come from other people's clocks (kubernetes-client/csharp#1640).
/// </summary>
internal sealed class LeaseClaim(LeaderElectionConfig config, TimeProvider timeProvider)
{
    private volatile V1Lease? _seen;
    private long _seenAt;
    private long _renewedAt;
    private volatile bool _held;

    internal string? Holder => _seen?.Spec?.HolderIdentity is { Length: > 0 } holder ? holder : null;

    /// <summary>We hold the lease, and others still believe it: after a pause of the process this is false before anything else runs.</summary>
    internal bool IsHeld => _held && Holder == Lock.Identity && SinceRenewal < config.LeaseDuration;

    /// <summary>We got the lease and have not stepped down, however long ago we renewed it.</summary>
    internal bool IsClaimed => _held;

    internal TimeSpan SinceRenewal => timeProvider.GetElapsedTime(Interlocked.Read(ref _renewedAt));

    private LeaseLock Lock => config.Lock;

    private DateTime Now => timeProvider.GetUtcNow().UtcDateTime;

    /// <summary>True when the lease is ours for another duration; false when somebody else has it or was faster.</summary>
    internal async Task<bool> TryHoldAsync(CancellationToken cancellationToken)
    {
        // Counted from before the call: how long the answer takes is part of the lease's life.
        long started = timeProvider.GetTimestamp();
        try
        {
            if (!await TryWriteAsync(cancellationToken))
                return false;
            Interlocked.Exchange(ref _renewedAt, started);
            _held = true;
            // An answer that came later than the lease lasts gives us nothing.
            return IsHeld;
        }
        catch (KubernetesException lost) when (lost.IsConflict || lost.IsAlreadyExists)
        {
            return false;
        }
    }

    internal void StepDown() => _held = false;

    /// <summary>Lets the next one start at once. A conflict may be our own late renewal, so look again.</summary>
    internal async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        const int Attempts = 3;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            V1Lease? lease = await Lock.GetAsync(cancellationToken);
            if (lease?.Spec is not { } spec || spec.HolderIdentity != Lock.Identity)
                return;
            try
            {
                await Lock.UpdateAsync(lease, Spec("", TimeSpan.FromSeconds(1), spec.AcquireTime, spec.LeaseTransitions), cancellationToken);
                return;
            }
            catch (KubernetesException conflict) when (conflict.IsConflict)
            {
            }
        }
    }

    private async Task<bool> TryWriteAsync(CancellationToken cancellationToken)
    {
        // While the lease is ours, what we wrote last is what is there: no need to read it first.
        if (IsHeld && _seen is { } ours)
        {
            try
            {
                Observe(await Lock.UpdateAsync(ours, Renewal(ours), cancellationToken));
                return true;
            }
            catch (KubernetesException)
            {
            }
        }

        if (await Lock.GetAsync(cancellationToken) is not { } lease)
        {
            Observe(await Lock.CreateAsync(Spec(Lock.Identity, config.LeaseDuration, Now, 0), cancellationToken));
            return true;
        }

        Observe(lease);
        if (Holder is { } holder && holder != Lock.Identity && !HasExpired(lease))
            return false;
        Observe(await Lock.UpdateAsync(lease, Renewal(lease), cancellationToken));
        return true;
    }

    private void Observe(V1Lease lease)
    {
        if (_seen is null || _seen.Spec != lease.Spec)
            _seenAt = timeProvider.GetTimestamp();
        _seen = lease;
    }

    private bool HasExpired(V1Lease lease) =>
        timeProvider.GetElapsedTime(_seenAt) >= TimeSpan.FromSeconds(lease.Spec?.LeaseDurationSeconds ?? config.LeaseDuration.TotalSeconds);

    private V1LeaseSpec Renewal(V1Lease lease)
    {
        V1LeaseSpec before = lease.Spec ?? new V1LeaseSpec();
        return before.HolderIdentity == Lock.Identity
            ? Spec(Lock.Identity, config.LeaseDuration, before.AcquireTime, before.LeaseTransitions)
            : Spec(Lock.Identity, config.LeaseDuration, Now, (before.LeaseTransitions ?? 0) + 1);
    }

    private V1LeaseSpec Spec(string holder, TimeSpan duration, DateTime? acquired, int? transitions) => new()
    {
        HolderIdentity = holder,
        LeaseDurationSeconds = (int)Math.Ceiling(duration.TotalSeconds),
        AcquireTime = acquired,
        RenewTime = Now,
        LeaseTransitions = transitions,
    };
}
