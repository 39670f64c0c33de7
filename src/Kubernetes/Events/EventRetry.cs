using Polly;
using Polly.Retry;

namespace GpuMem.Kubernetes.Events;

/// <summary>
/// Tries again while the API server cannot be reached, never what it refused: the attempts and pauses of client-go's
/// tools/events/event_broadcaster.go.
/// </summary>
internal static class EventRetry
{
    private const int Retries = 11;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    internal static ResiliencePipeline Create(TimeProvider timeProvider, Func<double> random) =>
        new ResiliencePipelineBuilder { TimeProvider = timeProvider }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = Retries,
                ShouldHandle = args => new(IsTransport(args.Outcome.Exception) && !args.Context.CancellationToken.IsCancellationRequested),
                // The first pause is random: all who lost the same API server would otherwise come back at once.
                DelayGenerator = args => new(args.AttemptNumber == 0 ? Pause * random() : Pause),
            })
            .Build();

    private static bool IsTransport(Exception? failure) =>
        failure is HttpRequestException or IOException or TimeoutException or OperationCanceledException;
}
