using GpuMem.Api.Nodes.Claims;
using k8s;
using Microsoft.Extensions.Logging;

namespace GpuMem.Api.Cluster;

/// <summary>What pods' claims ask for, followed where the server serves it and lets us.</summary>
internal sealed class ClaimInformers
{
    private readonly Action _changed;

    private volatile bool _hasChanged;

    /// <param name="client">The API server's.</param>
    /// <param name="loggers">Each informer has its own.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="changed">Called after each change.</param>
    public ClaimInformers(IKubernetesClient client, ILoggerFactory loggers, TimeProvider timeProvider, Action changed)
    {
        _changed = changed;
        Classes = Follow<V1DeviceClass>(one => one);
        Templates = Follow<V1ResourceClaimTemplate>(one => one);
        // What is made for a pod from a template says what the template says.
        Named = Follow<Resourcev1ResourceClaim>(claim => claim.GetController() is { Kind: "Pod" } ? null : claim);

        Informer<T, T> Follow<T>(Func<T, T?> read)
            where T : class, IKubernetesObject<V1ObjectMeta>
        {
            var informer = new Informer<T, T>(client, new InformerOptions(), read, loggers.CreateLogger<Informer<T>>(), timeProvider);
            informer.Subscribe(_ => OnChange());
            return informer;
        }
    }

    public Informer<V1DeviceClass, V1DeviceClass> Classes { get; }

    public Informer<V1ResourceClaimTemplate, V1ResourceClaimTemplate> Templates { get; }

    /// <summary>Those that people make by hand.</summary>
    public Informer<Resourcev1ResourceClaim, Resourcev1ResourceClaim> Named { get; }

    /// <summary>What is asked for now; null when nothing has changed since this was asked last.</summary>
    public DeviceClaims? Changed()
    {
        if (!_hasChanged)
            return null;
        _hasChanged = false;
        return new DeviceClaims(Classes.Store.List(), Templates.Store.List(), Named.Store.List());
    }

    private void OnChange()
    {
        _hasChanged = true;
        _changed();
    }
}
