using System.CommandLine;
using GpuMem.Webhook;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GpuMem.Cli.Cluster;

/// <summary><c>gpumem webhook</c>: answers the API server's admission reviews.</summary>
internal static class WebhookCommand
{
    public static Command Create()
    {
        var cluster = new ClusterOptions();
        var port = new Option<int>("--port") { Description = "HTTPS port", DefaultValueFactory = _ => 9443 };
        var service = new Option<string>("--service-name") { Description = "Service in front; the certificate is made for it", DefaultValueFactory = _ => "gpumem-webhook" };
        var hosts = new Option<string[]>("--cert-host") { Description = "a further name or address the certificate is valid for", DefaultValueFactory = _ => [] };
        var secret = new Option<string>("--secret-name") { Description = "Secret that holds the certificate", DefaultValueFactory = _ => "gpumem-webhook-certs" };
        var configurationName = new Option<string>("--configuration-name") { Description = "webhook configurations to write the CA into", DefaultValueFactory = _ => "gpumem" };
        var delay = new Option<int>("--shutdown-delay") { Description = "seconds to go on serving after being told to stop", DefaultValueFactory = _ => 10 };
        var command = new Command("webhook", "Serve the admission webhooks.") { port, service, hosts, secret, configurationName, delay };
        cluster.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            var configuration = cluster.Configuration(result);
            using var loggers = LoggerFactory.Create(ClusterOptions.Logging);
            using var client = ClusterOptions.Client(configuration, loggers);
            var options = new WebhookOptions
            {
                Namespace = cluster.NamespaceOf(result, configuration),
                Port = result.GetValue(port),
                HealthPort = result.GetValue(cluster.HealthPort),
                Address = result.GetValue(cluster.Address)!,
                ServiceName = result.GetValue(service)!,
                ExtraHosts = result.GetValue(hosts) ?? [],
                SecretName = result.GetValue(secret)!,
                ConfigurationName = result.GetValue(configurationName)!,
                ShutdownDelay = TimeSpan.FromSeconds(Math.Clamp(result.GetValue(delay), 0, 300)),
            };
            await using var app = WebhookHost.Build(options, client, ClusterOptions.Logging);
            await app.RunAsync(cancellationToken);
            return ExitStatus.Fits;
        });
        return command;
    }
}
