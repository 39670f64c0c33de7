using System.CommandLine;
using GpuMem.Operator;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GpuMem.Cli.Cluster;

/// <summary><c>gpumem operator</c>: runs the controllers.</summary>
internal static class OperatorCommand
{
    public static Command Create()
    {
        var cluster = new ClusterOptions();
        var leaderElect = new Option<bool>("--leader-elect") { Description = "act only while holding the Lease, for more than one replica" };
        var command = new Command("operator", "Run the controllers: estimate, plan and launch TrainingJobs, publish GpuPools.") { leaderElect };
        cluster.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            var configuration = cluster.Configuration(result);
            using var loggers = LoggerFactory.Create(ClusterOptions.Logging);
            using var client = ClusterOptions.Client(configuration, loggers);
            var options = new OperatorOptions
            {
                Policy = cluster.Policy(result),
                Namespace = cluster.NamespaceOf(result, configuration),
                LeaderElect = result.GetValue(leaderElect),
                LeaseName = $"{result.GetValue(cluster.Name)}-operator",
                Address = result.GetValue(cluster.Address)!,
                HealthPort = result.GetValue(cluster.HealthPort),
            };
            await using var app = OperatorHost.Build(options, client, ClusterOptions.Logging);
            await app.RunAsync(cancellationToken);
            return Environment.ExitCode;
        });
        return command;
    }
}
