using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using GpuMem.Api.Cluster;
using GpuMem.Api.Json;
using GpuMem.Api.TrainingJobs;
using GpuMem.Kubernetes.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace GpuMem.Cli.Cluster;

/// <summary>What the long-running commands share: how to reach the API server, where to listen, how to log.</summary>
internal sealed class ClusterOptions
{
    public Option<string?> Kubeconfig { get; } = new("--kubeconfig") { Description = "kubeconfig file (default: the pod's service account, else KUBECONFIG or ~/.kube/config)" };

    public Option<string?> Context { get; } = new("--context") { Description = "context of the kubeconfig (default: its current context)" };

    public Option<string?> Namespace { get; } = new("--namespace", "-n") { Description = "namespace GpuMem runs in (default: POD_NAMESPACE, else that of the context)" };

    /// <summary>The release's full name, from which the names of Service, Secret, Lease and webhook configurations follow as in the chart.</summary>
    public Option<string> Name { get; } = new("--name") { Description = "full name of the release, with which the names of its objects begin", DefaultValueFactory = _ => "gpumem" };

    public Option<string> Address { get; } = new("--address") { Description = "address to listen on", DefaultValueFactory = _ => "0.0.0.0" };

    public Option<int> HealthPort { get; } = new("--health-port") { Description = "HTTP port of /healthz and /readyz", DefaultValueFactory = _ => 8081 };

    /// <summary>Whether pods that cannot fit are rejected where nobody says.</summary>
    public Option<PolicyMode> DefaultMode { get; } = new("--default-mode")
    {
        Description = "what is done where neither a TrainingJob or ModelServer nor its namespace's label gpumem.io/mode says: Off, Warn or Enforce",
        DefaultValueFactory = _ => PolicyMode.Enforce,
    };

    /// <summary>The same for single namespaces.</summary>
    public Option<string[]> NamespaceModes { get; } = new("--namespace-mode")
    {
        Description = "NAMESPACE=MODE: the same for one namespace, where its label gpumem.io/mode does not say; may be given again",
        DefaultValueFactory = _ => [],
    };

    public void AddTo(Command command)
    {
        Address.Validators.Add(result => CheckAddress(result, "0.0.0.0"));
        HealthPort.Validators.Add(CheckPort);
        foreach (var option in new Option[] { Kubeconfig, Context, Namespace, Name, Address, HealthPort, DefaultMode, NamespaceModes })
            command.Add(option);
    }

    /// <summary>An address that is none is told.</summary>
    /// <param name="result">What was given.</param>
    /// <param name="example">One that could have been.</param>
    public static void CheckAddress(OptionResult result, string example)
    {
        if (!IPAddress.TryParse(result.GetValueOrDefault<string>(), out _))
            result.AddError($"--address {result.GetValueOrDefault<string>()}: give an IP address, such as {example}");
    }

    /// <summary>A port that is none is told; what is no number the parser tells.</summary>
    /// <param name="result">What was given; 0 takes any that is free.</param>
    public static void CheckPort(OptionResult result)
    {
        if (result.Tokens is [{ Value: var text }] && int.TryParse(text, CultureInfo.InvariantCulture, out var port) && port is < IPEndPoint.MinPort or > IPEndPoint.MaxPort)
            result.AddError($"{result.Option.Name} {port}: give a port from 1 to {IPEndPoint.MaxPort}, or 0 for any that is free");
    }

    public KubernetesClientConfiguration Configuration(ParseResult result) =>
        result.GetValue(Kubeconfig) is null && result.GetValue(Context) is null
            ? KubernetesClientConfiguration.BuildDefaultConfig()
            : KubernetesClientConfiguration.BuildConfigFromConfigFile(result.GetValue(Kubeconfig), result.GetValue(Context));

    /// <exception cref="UserErrorException">A namespace's mode is none.</exception>
    public UsualPolicy Policy(ParseResult result)
    {
        var modes = new Dictionary<string, PolicyMode>(StringComparer.Ordinal);
        foreach (var said in result.GetValue(NamespaceModes) ?? [])
        {
            var parts = said.Split('=');
            if (parts is not [{ Length: > 0 } ns, var mode] || !Enum.TryParse<PolicyMode>(mode, out var known) || !Enum.IsDefined(known))
                throw new UserErrorException($"--namespace-mode {said}: give NAMESPACE=MODE with the mode Off, Warn or Enforce, such as research=Enforce");
            modes[ns] = known;
        }

        return new UsualPolicy(result.GetValue(DefaultMode), modes);
    }

    public string NamespaceOf(ParseResult result, KubernetesClientConfiguration configuration) =>
        result.GetValue(Namespace) ?? Environment.GetEnvironmentVariable("POD_NAMESPACE") ?? configuration.Namespace;

    public static KubernetesClient Client(KubernetesClientConfiguration configuration, ILoggerFactory loggers) =>
        new(configuration, [ApiJson.Resolver], loggers.CreateLogger<KubernetesClient>(), TimeProvider.System);

    public static void Logging(ILoggingBuilder logging)
    {
        logging.SetMinimumLevel(LogLevel.Information);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            console.UseUtcTimestamp = true;
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });
    }
}
