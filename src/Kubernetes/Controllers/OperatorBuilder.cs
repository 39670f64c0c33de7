using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GpuMem.Kubernetes.Controllers;

/// <summary>Says which objects an operator follows and what acts on them. The names are those of KubeOps.</summary>
public sealed class OperatorBuilder
{
    internal OperatorBuilder(IServiceCollection services) => Services = services;

    public IServiceCollection Services { get; }

    /// <summary>Calls the controller for each object of a kind; a kind has one controller.</summary>
    public OperatorBuilder AddController<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TImplementation, TEntity>(ControllerOptions? options = null, InformerOptions<TEntity>? follow = null)
        where TImplementation : class, IEntityController<TEntity>
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        if (Services.Any(service => service.ServiceType == typeof(IEntityController<TEntity>)))
            throw new InvalidOperationException($"{EntityMetadata.Of<TEntity>().Kind} has a controller already; two would undo each other's work.");
        AddInformer(follow);
        Services.AddSingleton<IEntityController<TEntity>, TImplementation>();
        Services.AddSingleton(services => new ControllerLoop<TEntity>(
            services.GetRequiredService<Informer<TEntity>>(),
            services.GetRequiredService<IEntityController<TEntity>>(),
            options ?? new ControllerOptions(),
            services.GetRequiredService<ILogger<ControllerLoop<TEntity>>>(),
            services.GetRequiredService<TimeProvider>()));
        Services.AddSingleton<ILeaderTask>(services => services.GetRequiredService<ControllerLoop<TEntity>>());
        return this;
    }

    /// <summary>Follows objects of a kind that a controller reads: it may ask for their <see cref="Informer{T}"/>.</summary>
    public OperatorBuilder AddInformer<TEntity>(InformerOptions<TEntity>? follow = null)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        if (Services.Any(service => service.ServiceType == typeof(Informer<TEntity>)))
        {
            if (follow is not null)
                throw new InvalidOperationException($"{EntityMetadata.Of<TEntity>().Kind} is followed already; say once, and first, how.");
            return this;
        }

        Services.AddSingleton(services => new Informer<TEntity>(
            services.GetRequiredService<IKubernetesClient>(),
            follow ?? new InformerOptions<TEntity>(),
            services.GetRequiredService<ILogger<Informer<TEntity>>>(),
            services.GetRequiredService<TimeProvider>()));
        return AddCache<Informer<TEntity>>();
    }

    /// <summary>The same, keeping of each object only what <paramref name="project"/> makes of it, and nothing where that is null.</summary>
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
