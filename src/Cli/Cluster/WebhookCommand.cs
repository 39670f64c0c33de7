using System.CommandLine;
using GpuMem.Webhook;
using GpuMem.Webhook.Certificates;
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
        var hosts = new Option<string[]>("--cert-host") { Description = "a further name or address the certificate is valid for", DefaultValueFactory = _ => [] };
        var lifetime = new Option<int>("--cert-lifetime") { Description = "seconds a certificate is valid; it is renewed when two thirds are over", DefaultValueFactory = _ => 365 * 24 * 3600 };
        var folder = new Option<string?>("--cert-dir") { Description = "folder with tls.crt and tls.key that somebody else makes and renews, such as cert-manager, who then also writes caBundle" };
        var clients = new Option<string?>("--client-ca") { Description = "file with the CAs (PEM) of which one signed the certificate that the API server shows; others are not answered" };
        var clientNames = new Option<string[]>("--client-name") { Description = "a common name that such a certificate may have (default: any)", DefaultValueFactory = _ => [] };
        var delay = new Option<int>("--shutdown-delay") { Description = "seconds to go on serving after being told to stop", DefaultValueFactory = _ => 10 };
        var command = new Command("webhook", "Serve the admission webhooks.") { port, hosts, lifetime, folder, clients, clientNames, delay };
        cluster.AddTo(command);
        port.Validators.Add(ClusterOptions.CheckPort);
        command.SetAction(async (result, cancellationToken) =>
        {
            NativeHeap.ForConnections();
            var configuration = cluster.Configuration(result);
            using var loggers = LoggerFactory.Create(ClusterOptions.Logging);
            using var client = ClusterOptions.Client(configuration, loggers);
            var options = new WebhookOptions
            {
                Namespace = cluster.NamespaceOf(result, configuration),
                Port = result.GetValue(port),
                HealthPort = result.GetValue(cluster.HealthPort),
                Address = result.GetValue(cluster.Address)!,
                ServiceName = $"{result.GetValue(cluster.Name)}-webhook",
                ExtraHosts = result.GetValue(hosts) ?? [],
                CertificateLifetime = TimeSpan.FromSeconds(Math.Max(result.GetValue(lifetime), 60)),
                CertificateFolder = result.GetValue(folder),
                Clients = Clients(result.GetValue(clients), result.GetValue(clientNames) ?? []),
                SecretName = $"{result.GetValue(cluster.Name)}-webhook-certs",
                ConfigurationName = result.GetValue(cluster.Name)!,
                Policy = cluster.Policy(result),
                ShutdownDelay = TimeSpan.FromSeconds(Math.Clamp(result.GetValue(delay), 0, 300)),
            };
            await using var app = WebhookHost.Build(options, client, ClusterOptions.Logging);
            await app.RunAsync(cancellationToken);
            return ExitStatus.Fits;
        });
        return command;
    }

    private static ClientAuthorities? Clients(string? file, string[] names)
    {
        if (file is null)
            return names.Length == 0 ? null : throw new UserErrorException("--client-name says which certificates count and not who signs them: give --client-ca");
        try
        {
            return new ClientAuthorities(file, names);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new UserErrorException($"--client-ca: {unreadable.Message}");
        }
    }
}
