using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GpuMem.Kubernetes.Controllers;

/// <summary>Says which objects an operator follows and what acts on them.</summary>
public sealed class OperatorBuilder
{
    internal OperatorBuilder(IServiceCollection services) => Services = services;

    public IServiceCollection Services { get; }

    /// <summary>
    /// Follows objects of a kind, keeping of each only what <paramref name="project"/> makes of it, and nothing where that is null. Who
    /// reads them may ask for their <see cref="Informer{TEntity, TView}"/>.
    /// </summary>
    public OperatorBuilder AddInformer<TEntity, TView>(Func<TEntity, TView?> project, InformerOptions? follow = null)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
        where TView : class
    {
        if (Services.Any(service => service.ServiceType == typeof(Informer<TEntity, TView>)))
            throw new InvalidOperationException($"{EntityMetadata.Of<TEntity>().Kind} is followed already; say once how.");
        Services.AddSingleton(services => new Informer<TEntity, TView>(
            services.GetRequiredService<IKubernetesClient>(),
            follow ?? new InformerOptions(),
            project,
            services.GetRequiredService<ILogger<Informer<TEntity, TView>>>(),
            services.GetRequiredService<TimeProvider>()));
        return AddCache<Informer<TEntity, TView>>();
    }

    /// <summary>Keeps a cache of another shape, whether we lead or not.</summary>
    public OperatorBuilder AddCache<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TCache>()
        where TCache : class, ICache
    {
        Services.TryAddSingleton<TCache>();
        Services.AddSingleton<ICache>(services => services.GetRequiredService<TCache>());
        return this;
    }

    /// <summary>Does something of another shape than a controller while we lead.</summary>
    public OperatorBuilder AddLeaderTask<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TTask>()
        where TTask : class, ILeaderTask
    {
        Services.AddSingleton<ILeaderTask, TTask>();
        return this;
    }
}
