using System.Net.Sockets;
using System.Security.Authentication;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace GpuMem.Kubernetes.Client;

/// <summary>How patient a unary call is: retry around a circuit breaker around a time limit for each attempt.</summary>
internal static class ResiliencePolicy
{
    internal static readonly ResiliencePropertyKey<bool> Idempotent = new("idempotent");

    /// <summary>When the first attempt began.</summary>
    internal static readonly ResiliencePropertyKey<long> Started = new("started");

    private const int Retries = 4;

    // Whoever asked has his own loop, and more recent news than a call that has been waiting for minutes.
    private static readonly TimeSpan RetryBudget = TimeSpan.FromMinutes(2);

    // However steadily the bytes come. A list of a large cluster over a slow line takes minutes.
    internal static readonly TimeSpan AttemptTimeout = TimeSpan.FromMinutes(10);

    // Half of the ten seconds that a leader tries to renew for, as in client-go: one call may hang and the next still come in time.
    internal static readonly TimeSpan LeaseTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(200);
    private const double WaitJitter = 0.2;
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    // Short, so that an API server that is back is not kept waiting; long enough to end a storm of calls from all workers.
    private static readonly TimeSpan BreakDuration = TimeSpan.FromSeconds(2);

    internal static ResiliencePipeline Create(ILogger logger, TimeProvider timeProvider)
    {
        CircuitBreakerStateProvider circuit = new();
        return new ResiliencePipelineBuilder { TimeProvider = timeProvider }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = Retries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = FirstDelay,
                MaxDelay = LongestDelay,
                ShouldHandle = args => new(
                    IsRetriable(args.Outcome.Exception, args.Context) && IsWithinBudget(args.Outcome.Exception, args.Context, timeProvider)),
                DelayGenerator = args => new(Jittered(WaitAskedFor(args.Outcome.Exception))),
                OnRetry = args =>
                {
                    logger.Retrying(args.AttemptNumber + 1, args.RetryDelay.TotalSeconds, args.Outcome.Exception?.Message);
                    return default;
                },
            })
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                FailureRatio = 0.9,
                MinimumThroughput = 20,
                SamplingDuration = TimeSpan.FromSeconds(10),
                BreakDuration = BreakDuration,
                StateProvider = circuit,

                // What is not handled closes a circuit that is half open, and a caller that gives up has learned nothing of the server.
                ShouldHandle = args => new(IsOutage(args.Outcome.Exception)
                    || (args.Outcome.Exception is OperationCanceledException && circuit.CircuitState is CircuitState.HalfOpen)),
            })
            .AddTimeout(new TimeoutStrategyOptions { Timeout = AttemptTimeout })
            .Build();
    }

    /// <summary>For whoever has a loop of his own, which a retry or a circuit breaker in here would only hold up.</summary>
    internal static ResiliencePipeline CreateForOneAttempt(TimeSpan timeout, TimeProvider timeProvider) =>
        new ResiliencePipelineBuilder { TimeProvider = timeProvider }.AddTimeout(new TimeoutStrategyOptions { Timeout = timeout }).Build();

    private static bool IsRetriable(Exception? failure, ResilienceContext context)
    {
        bool idempotent = context.Properties.GetValue(Idempotent, false);
        return failure switch
        {
            BrokenCircuitException => true,
            // 429, and 503 with Retry-After, say that the call was not carried out. 500 and 504 may have it too, after a write to etcd
            // whose outcome is unknown.
            KubernetesException refused => refused.IsTooManyRequests
                || (refused.IsServerError && (idempotent || refused is { StatusCode: HttpStatusCode.ServiceUnavailable, RetryAfter: not null })),
            _ when IsCertificateProblem(failure) => false,
            _ when WasNeverSent(failure) => true,
            _ => idempotent && IsOutage(failure),
        };
    }

    private static bool IsOutage(Exception? failure) => failure switch
    {
        KubernetesException refused => refused.IsServerError,
        HttpRequestException or IOException or TimeoutException or TimeoutRejectedException => true,
        _ => false,
    };

    private static bool WasNeverSent(Exception? failure) => failure
        is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError }
        or HttpRequestException { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused } };

    private static bool IsCertificateProblem(Exception? failure) =>
        failure is HttpRequestException { InnerException: AuthenticationException };

    private static TimeSpan? WaitAskedFor(Exception? failure) => failure switch
    {
        KubernetesException { RetryAfter: { } wait } => wait,
        BrokenCircuitException => BreakDuration,
        _ => null,
    };

    // Never less than asked for; a little more, so that those who were all told the same do not come back all at once.
    private static TimeSpan? Jittered(TimeSpan? wait) => wait * (1 + (Random.Shared.NextDouble() * WaitJitter));

    // A server that asks for more patience than there is gets none: the caller learns of it now, not after a wait in vain.
    private static bool IsWithinBudget(Exception? failure, ResilienceContext context, TimeProvider timeProvider) =>
        timeProvider.GetElapsedTime(context.Properties.GetValue(Started, 0)) + (WaitAskedFor(failure) ?? TimeSpan.Zero) < RetryBudget;
}
