using System.Net;
using GpuMem.Api;
using GpuMem.Api.Cluster;
using GpuMem.Kubernetes.Controllers;
using GpuMem.Kubernetes.LeaderElection;
using GpuMem.Kubernetes.Metrics;
using GpuMem.Operator.Inventory;
using GpuMem.Operator.ModelServers;
using GpuMem.Operator.TrainingJobs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GpuMem.Operator;

/// <summary>The operator process: controllers, and HTTP for probes and metrics.</summary>
public static class OperatorHost
{
    public static WebApplication Build(OperatorOptions options, IKubernetesClient client, Action<ILoggingBuilder> logging)
    {
        var builder = ProcessHost.CreateBuilder(logging);
        builder.Services.AddPrometheusText("System.Runtime", ClusterMeter.Name);
        builder.Services.AddSingleton(options.Policy);
        builder.Services.AddKubernetesOperator(client, Settings(options))
            .AddCache<ClusterView>()
            .AddInformer<V1Job, ChildJob>(ChildJob.Read, new InformerOptions { LabelSelector = ApiGroup.TrainingJobLabel })
            .AddInformer<V1Deployment, ChildServer>(ChildServer.Read, new InformerOptions { LabelSelector = ApiGroup.ModelServerLabel })
            .AddCache<Allocations>()
            .AddLeaderTask<OperatorWork>();
        builder.Services.AddHostedService<StartUpMemory>();
        builder.Services.AddSingleton(services => new ClusterMeter(services.GetRequiredService<ClusterView>(), TimeProvider.System, services.GetRequiredService<Allocations>().In));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Parse(options.Address), options.HealthPort));

        var app = builder.Build();
        app.Services.GetRequiredService<ClusterMeter>();
        app.MapMetrics();
        app.MapOperatorProbes();
        return app;
    }

    private static OperatorSettings Settings(OperatorOptions options) => new()
    {
        LeaderElection = !options.LeaderElect ? null : client => new LeaderElectionConfig(new LeaseLock(client, options.Namespace, options.LeaseName)),
    };
}
