using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GpuMem.Kubernetes.Controllers;

/// <summary>Makes a host an operator.</summary>
public static class OperatorRegistration
{
    /// <summary>
    /// Whoever asks the host for an <see cref="IKubernetesClient"/> gets <paramref name="client"/> with a fence: it writes only while we lead.
    /// </summary>
    public static OperatorBuilder AddKubernetesOperator(this IServiceCollection services, IKubernetesClient client, OperatorSettings? settings = null)
    {
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new Leadership(
            client, settings ?? new OperatorSettings(), provider.GetRequiredService<ILogger<LeaderElector>>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => provider.GetRequiredService<Leadership>().Client);
        services.AddHostedService<OperatorRun>();
        return new OperatorBuilder(services);
    }
}
