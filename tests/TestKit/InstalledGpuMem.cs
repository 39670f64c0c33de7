using System.Net;
using System.Net.Sockets;
using Xunit;

namespace GpuMem.TestKit;

/// <summary>
/// GpuMem in a real API server: the chart installed by helm, operator and webhook as processes under the chart's ServiceAccounts, with the
/// rights of those and no more. The chart's Service points at this machine instead of at pods, which nobody would run here.
/// </summary>
public sealed class InstalledGpuMem : IAsyncLifetime
{
    public const string Namespace = "gpumem-system";

    private readonly ControlPlane _controlPlane = new();

    private readonly int _port = FreePort();

    private GpuMemProcess? _operator;

    private GpuMemProcess? _webhook;

    public ControlPlane ControlPlane => _controlPlane;

    public async ValueTask InitializeAsync()
    {
        await _controlPlane.InitializeAsync();
        await InstallAsync();
        await ApplyNodesAsync("h100.yaml");
        await ApplyNodesAsync("a10g.yaml");
        await StartOperatorAsync();
        await StartWebhookAsync();
    }

    /// <summary>Installs the chart.</summary>
    public Task InstallAsync() => HelmAsync(
    [
        "install", "gpumem", Path.Combine(RepositoryRoot.Path, "charts", "gpumem"), "--create-namespace",
        .. HelmArguments(_controlPlane.ServerVersion, _port),
    ]);

    /// <summary>Uninstalls the chart, whether or not something of it runs.</summary>
    public Task UninstallAsync() => HelmAsync("uninstall", "gpumem");

    public async ValueTask DisposeAsync()
    {
        await StopOperatorAsync();
        await StopWebhookAsync();
    }

    public async Task StartOperatorAsync()
    {
        _operator = NewOperator(await OperatorKubeconfigAsync());
        await _operator.HasLoggedAsync("Acting on TrainingJobs");
    }

    /// <summary>A kubeconfig with the operator's rights.</summary>
    public Task<string> OperatorKubeconfigAsync() => _controlPlane.KubeconfigForAsync(Namespace, "gpumem-operator");

    /// <summary>An operator beside the installation's own, for the caller to end.</summary>
    public static GpuMemProcess NewOperator(string kubeconfig, params string[] args) => GpuMemProcess.Start(
        ["operator", "--kubeconfig", kubeconfig, "--namespace", Namespace, "--address", "127.0.0.1", "--health-port", $"{FreePort()}", .. args]);

    /// <summary>Kills the operator without warning.</summary>
    public async Task StopOperatorAsync()
    {
        if (_operator is not null)
            await _operator.DisposeAsync();
        _operator = null;
    }

    /// <summary>Kills the webhook without warning.</summary>
    public async Task StopWebhookAsync()
    {
        if (_webhook is not null)
            await _webhook.DisposeAsync();
        _webhook = null;
    }

    /// <summary>What helm is told besides, to install or upgrade the chart here: where the webhook runs, and to leave alone what an old server would refuse.</summary>
    public static string[] HelmArguments(Version server, int port) =>
    [
        // A server that does not know CEL rules drops them on creation; helm's own check and server-side apply refuse them.
        .. server < new Version(1, 25) ? ["--disable-openapi-validation", "--server-side=false"] : Array.Empty<string>(),
        "--set", $"webhook.service.externalName=localhost,webhook.service.port={port}",
    ];

    /// <summary>The port at which the chart's configurations send the API server.</summary>
    public int WebhookPort => _port;

    public string OperatorLog => _operator?.Log ?? "";

    public async Task ApplyNodesAsync(string file) => await NodesAsync("apply", file);

    public async Task DeleteNodesAsync(string file) => await NodesAsync("delete", file);

    /// <summary>Runs kubectl as administrator and returns what it printed; a failure fails the test.</summary>
    public async Task<string> KubectlAsync(params string[] args)
    {
        var (exitCode, output, error) = await _controlPlane.KubectlAsync(args);
        Assert.True(exitCode == 0, $"kubectl {string.Join(' ', args)} failed:\n{output}{error}\n{OperatorLog}");
        return output;
    }

    /// <summary>Applies a manifest; standard error holds the warnings of the webhook.</summary>
    public Task<(int ExitCode, string Output, string Error)> ApplyAsync(string ns, string yaml) =>
        _controlPlane.KubectlWithInputAsync(yaml, "apply", "-n", ns, "-f", "-");

    public async Task<string> NewNamespaceAsync()
    {
        var name = $"test-{Guid.NewGuid():N}"[..16];
        await KubectlAsync("create", "namespace", name);
        return name;
    }

    /// <summary>Waits until a field of an object has a value.</summary>
    public Task WaitForAsync(string ns, string what, string jsonPath, string value) =>
        KubectlAsync("wait", "-n", ns, what, $"--for=jsonpath={{{jsonPath}}}={value}", "--timeout=60s");

    public Task<string> GetAsync(string ns, string what, string jsonPath) => KubectlAsync("get", "-n", ns, what, "-o", $"jsonpath={{{jsonPath}}}");

    public async Task StartWebhookAsync()
    {
        _webhook = NewWebhook(await _controlPlane.KubeconfigForAsync(Namespace, "gpumem-webhook"), _port);
        await _webhook.HasLoggedAsync("Ready on port");
    }

    /// <summary>A webhook, for the caller to end.</summary>
    public static GpuMemProcess NewWebhook(string kubeconfig, int port, params string[] args) => GpuMemProcess.Start(
        ["webhook", "--kubeconfig", kubeconfig, "--namespace", Namespace, "--address", "127.0.0.1", "--port", $"{port}", "--health-port", $"{FreePort()}", "--shutdown-delay", "0", .. args]);

    private async Task HelmAsync(params string[] args)
    {
        var (exitCode, output, error) = await Script.RunAsync(await ClientTool.PathAsync("helm"), [.. args, "--namespace", Namespace, "--kubeconfig", _controlPlane.Kubeconfig]);
        Assert.True(exitCode == 0, $"helm {args[0]} failed:\n{output}{error}");
    }

    private async Task NodesAsync(string action, string file)
    {
        var (exitCode, output, error) = await Script.RunAsync(
            Path.Combine(RepositoryRoot.Path, "hack", "nodes.sh"),
            [action, Path.Combine(RepositoryRoot.Path, "config", "samples", "nodes", file)],
            environment: new Dictionary<string, string> { ["KUBECONFIG"] = _controlPlane.Kubeconfig });
        Assert.True(exitCode == 0, $"hack/nodes.sh {action} {file} failed:\n{output}{error}");
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
