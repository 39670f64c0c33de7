using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GpuMem.Kubernetes.Controllers;

/// <summary>Makes a host an operator.</summary>
public static class OperatorRegistration
{
    /// <summary>The host must have an <see cref="IKubernetesClient"/>.</summary>
    public static OperatorBuilder AddKubernetesOperator(this IServiceCollection services, OperatorSettings? settings = null)
    {
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(settings ?? new OperatorSettings());
        services.AddHostedService<OperatorRun>();
        return new OperatorBuilder(services);
    }
}
