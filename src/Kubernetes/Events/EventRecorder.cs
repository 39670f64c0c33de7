using GpuMem.Kubernetes.Models;
using Microsoft.Extensions.Logging;

namespace GpuMem.Kubernetes.Events;

#pragma warning disable CS9113, CA1822
/// <summary>Writes events.k8s.io/v1 events in the background; what repeats becomes a series.</summary>
public sealed class EventRecorder(
    IKubernetesClient client, string reportingController, string reportingInstance, ILogger<EventRecorder> logger, TimeProvider timeProvider)
    : IEventRecorder
{
    public long Dropped => throw new NotImplementedException();

    public void Publish(IKubernetesObject<V1ObjectMeta> regarding, EventType type, string reason, string action, string note) =>
        throw new NotImplementedException();

    /// <summary>Sends until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => throw new NotImplementedException();
}
#pragma warning restore CS9113, CA1822
