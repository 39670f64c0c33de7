using GpuMem.Kubernetes.Informers;
using GpuMem.Kubernetes.Models;
using Microsoft.Extensions.Logging;

namespace GpuMem.Kubernetes.Controllers;

#pragma warning disable CS9113, CA1822
/// <summary>Calls a controller for each object that changed, and again for those that failed.</summary>
public sealed class ControllerLoop<T>(
    Informer<T> informer, IEntityController<T> controller, ControllerOptions options, ILogger<ControllerLoop<T>> logger, TimeProvider timeProvider)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Asks for a reconciliation for a reason that lies outside the object, e.g. a change of a child.</summary>
    public void Enqueue(NamespacedName name) => throw new NotImplementedException();

    /// <summary>
    /// Runs until cancelled; afterwards no call of the controller is under way and nothing is queued. Pass the leadership token.
    /// </summary>
    public Task RunAsync(CancellationToken cancellationToken) => throw new NotImplementedException();
}
#pragma warning restore CS9113, CA1822
