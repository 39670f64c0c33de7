using System.CommandLine;
using System.Security.Cryptography;
using GpuMem.Cli.Cluster;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuMem.Cli.Checks;

/// <summary><c>gpumem check</c>: whether an installation does what it is for, tried in a namespace of its own. <c>helm test</c> runs it.</summary>
internal static class CheckCommand
{
    private const int RandomLetters = 6;

    public static Command Create()
    {
        var cluster = new ClusterOptions();
        var patience = new Option<int>("--timeout") { Description = "seconds that each step may take", DefaultValueFactory = _ => 60 };
        patience.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 3600)
                result.AddError("--timeout: give 1 to 3600 seconds");
        });
        var command = new Command("check", "Try an installation in a namespace made for it: one job that fits, one that does not. Everything made is removed.")
        {
            patience, cluster.Namespace, cluster.Name, cluster.Kubeconfig, cluster.Context,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var configuration = cluster.Configuration(result);
            using var client = ClusterOptions.Client(configuration, NullLoggerFactory.Instance);
            var name = $"gpumem-check-{RandomNumberGenerator.GetString("bcdfghjklmnpqrstvwxz2456789", RandomLetters)}";
            var release = new Release(result.GetValue(cluster.Namespace) ?? Environment.GetEnvironmentVariable("POD_NAMESPACE") ?? "gpumem-system", result.GetValue(cluster.Name)!, name);
            var check = new InstallationCheck(client, release, TimeSpan.FromSeconds(result.GetValue(patience)), TimeProvider.System, Console.Out);
            return await check.RunAsync(cancellationToken) ? ExitStatus.Fits : ExitStatus.Error;
        });
        return command;
    }
}
