using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using GpuMem.Cli.Cluster;
using GpuMem.Page.Cluster;
using GpuMem.Page.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GpuMem.Cli.Ui;

/// <summary><c>gpumem ui</c>: a web page on this machine with the same answers, and a slider.</summary>
internal static class UiCommand
{
    public static Command Create()
    {
        var port = new Option<int>("--port") { Description = "port; 0 takes any that is free", DefaultValueFactory = _ => 8090 };
        var address = new Option<string>("--address") { Description = "address to listen on; whoever can reach it can read the page", DefaultValueFactory = _ => "127.0.0.1" };
        var hosts = new Option<string[]>("--host") { Description = "a further name under which the page is asked for, such as that of a Service or an Ingress", DefaultValueFactory = _ => [] };
        var here = new Option<bool>("--cluster") { Description = "show the pools and jobs of the cluster that this pod runs in, or of the kubeconfig's current context" };
        var cluster = new ClusterOptions();
        var command = new Command("ui", "Serve a web page that estimates, on this machine alone; with --context it shows the pools and jobs of a cluster.")
        {
            port, address, hosts, here, cluster.Kubeconfig, cluster.Context,
        };
        port.Validators.Add(ClusterOptions.CheckPort);
        address.Validators.Add(result => ClusterOptions.CheckAddress(result, "127.0.0.1"));
        command.SetAction(async (result, cancellationToken) =>
        {
            var options = new PageOptions { Address = IPAddress.Parse(result.GetValue(address)!), Port = result.GetValue(port), Hosts = result.GetValue(hosts) ?? [] };
            var isShown = result.GetValue(here) || result.GetValue(cluster.Context) is not null || result.GetValue(cluster.Kubeconfig) is not null;
            var configuration = isShown ? cluster.Configuration(result) : null;
            using var loggers = LoggerFactory.Create(ClusterOptions.Logging);
            using var client = configuration is null ? null : ClusterOptions.Client(configuration, loggers);
            using var reader = client is null ? null : new ClusterReader(client, result.GetValue(cluster.Context) ?? configuration!.Host.Authority, TimeProvider.System);
            await using var app = PageHost.Build(options, reader, Logging);
            await StartAsync(app, options, cancellationToken);
            await app.WaitForShutdownAsync(cancellationToken);
            return ExitStatus.Fits;
        });
        return command;
    }

    /// <summary>That it cannot start is told in words, and not by a stack trace, too.</summary>
    private static void Logging(ILoggingBuilder logging)
    {
        ClusterOptions.Logging(logging);
        logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
    }

    private static async Task StartAsync(WebApplication app, PageOptions options, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (Exception failed) when ((failed as SocketException ?? failed.GetBaseException()) is SocketException or IOException)
        {
            throw new UserErrorException($"--port {options.Port} of {options.Address} cannot be taken: {failed.Message.TrimEnd('.')}. Give another --port, or 0 for any that is free");
        }
        var url = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Console.Out.WriteLine($"The page is {url} (Ctrl+C ends it).");
        if (!IPAddress.IsLoopback(options.Address))
            Console.Out.WriteLine($"Whoever can reach {options.Address} can read it, and what it shows of a cluster.");
    }
}
