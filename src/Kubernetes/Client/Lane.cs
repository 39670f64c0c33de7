using Polly;

namespace GpuMem.Kubernetes.Client;

/// <summary>Connections of their own, and how patient calls over them are.</summary>
internal sealed class Lane(HttpMessageHandler handler, ResiliencePipeline resilience) : IDisposable
{
    internal HttpMessageInvoker Http { get; } = new(handler);

    internal ResiliencePipeline Resilience { get; } = resilience;

    internal static Lane Main(KubernetesClientConfiguration configuration, ILogger logger, TimeProvider timeProvider) =>
        new(ApiConnection.CreateHandler(configuration), ResiliencePolicy.Create(logger, timeProvider));

    /// <summary>
    /// For leases. A renewal must not wait for a list to come through or for the circuit breaker to close, and whoever renews has
    /// a loop of his own, which a retry in here would only hold up.
    /// </summary>
    internal static Lane Leases(KubernetesClientConfiguration configuration, TimeProvider timeProvider) =>
        new(ApiConnection.CreateHandler(configuration), ResiliencePolicy.CreateForLeases(timeProvider));

    public void Dispose() => Http.Dispose();
}
