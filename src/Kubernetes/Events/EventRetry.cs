namespace GpuMem.Kubernetes.Events;

/// <summary>
/// Tries again while the API server cannot be reached, never what it refused: the attempts and pauses of client-go's
/// tools/events/event_broadcaster.go.
/// </summary>
internal sealed class EventRetry(TimeProvider timeProvider, Func<double> random)
{
    private const int MaxAttempts = 12;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    internal async Task SendAsync(Func<Task> send, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await send();
                return;
            }
            catch (KubernetesException repeated) when (repeated.IsAlreadyExists)
            {
                // Its name is ours alone, so it was an earlier attempt of ours that arrived and whose answer did not.
                return;
            }
            catch (Exception unreached) when (attempt < MaxAttempts && IsTransport(unreached) && !cancellationToken.IsCancellationRequested)
            {
            }

            // The first pause is random: all who lost the same API server would otherwise come back at once.
            await Task.Delay(attempt == 1 ? Pause * random() : Pause, timeProvider, cancellationToken);
        }
    }

    private static bool IsTransport(Exception failure) =>
        failure is HttpRequestException or IOException or TimeoutException or OperationCanceledException;
}
