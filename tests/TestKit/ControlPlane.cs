using System.Text.Json;
using Xunit;

namespace GpuMem.TestKit;

/// <summary>
/// A real etcd and kube-apiserver, as a class or collection fixture. All fixtures of a test process share one control plane,
/// which ends with that process. Its tests keep out of each other's way by namespaces and names of their own.
/// </summary>
public sealed class ControlPlane : IAsyncLifetime
{
    private static readonly Lazy<Task<string>> Shared = new(() => StartAsync("shared"));

    private readonly Lazy<Task<string>> _started;

    private string? _kubeconfig;
    private Version? _serverVersion;

    public ControlPlane()
        : this(Shared)
    {
    }

    private ControlPlane(Lazy<Task<string>> started) => _started = started;

    /// <summary>Path of a kubeconfig with an administrator's rights.</summary>
    public string Kubeconfig => _kubeconfig ?? throw NotStarted;

    /// <summary>The version of the API server, as 1.36.2.</summary>
    public Version ServerVersion => _serverVersion ?? throw NotStarted;

    private static InvalidOperationException NotStarted => new("the control plane has not been started: is this class a fixture?");

    public async ValueTask InitializeAsync()
    {
        _kubeconfig = await _started.Value;
        var (_, version, _) = await KubectlAsync("get", "--raw", "/version");
        var gitVersion = JsonDocument.Parse(version).RootElement.GetProperty("gitVersion").GetString()!;
        _serverVersion = Version.Parse(ControlPlaneAssets.NumbersOf(gitVersion));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>One of one's own, for what would be in everybody's way; end it with <see cref="StopAsync"/>.</summary>
    /// <param name="flags">Further flags of kube-apiserver.</param>
    public static async Task<ControlPlane> NewAsync(params string[] flags)
    {
        var own = new ControlPlane(new Lazy<Task<string>>(() => StartAsync(Guid.NewGuid().ToString("N")[..8], flags)));
        await own.InitializeAsync();
        return own;
    }

    /// <summary>Ends one that <see cref="NewAsync"/> started, with all its data.</summary>
    public Task StopAsync() => ControlAsync("down");

    /// <summary>Runs kubectl as administrator.</summary>
    public Task<(int ExitCode, string Output, string Error)> KubectlAsync(params string[] args) => RunKubectlAsync(input: null, args);

    /// <summary>Runs kubectl as administrator with <paramref name="input"/> on its standard input: name it <c>-f -</c>.</summary>
    public Task<(int ExitCode, string Output, string Error)> KubectlWithInputAsync(string input, params string[] args) =>
        RunKubectlAsync(input, args);

    /// <summary>Applies a manifest and fails the test when the API server does not take it.</summary>
    public async Task ApplyAsync(string yaml, params string[] args)
    {
        var (exitCode, output, error) = await RunKubectlAsync(yaml, ["apply", "-f", "-", .. args]);
        Assert.True(exitCode == 0, $"kubectl apply failed:\n{output}{error}");
    }

    /// <summary>A kubeconfig that acts as a ServiceAccount, with its rights and no more: how the operator runs in a cluster.</summary>
    public async Task<string> KubeconfigForAsync(string @namespace, string serviceAccount)
    {
        var (exitCode, token, error) = await KubectlAsync("create", "token", serviceAccount, "--namespace", @namespace);
        Assert.True(exitCode == 0, $"kubectl create token failed:\n{error}");

        var path = Path.Combine(Path.GetDirectoryName(Kubeconfig)!, $"{@namespace}-{serviceAccount}.kubeconfig");
        var administrator = await File.ReadAllLinesAsync(Kubeconfig);
        var clientCertificate = Array.FindIndex(administrator, line => line.Contains("client-certificate-data:", StringComparison.Ordinal));
        administrator[clientCertificate] = $"    token: {token.Trim()}";
        await File.WriteAllLinesAsync(path, administrator.Where(line => !line.Contains("client-key-data:", StringComparison.Ordinal)));
        return path;
    }

    /// <summary>The folder with the data of etcd, and <c>etcd.address</c>.</summary>
    public string Folder => Path.GetDirectoryName(Kubeconfig)!;

    /// <summary>Kills etcd or kube-apiserver and returns when it has gone; with STOP and CONT it is frozen and thawed.</summary>
    public Task KillAsync(string name, string signal = "KILL") => ControlAsync("kill", name, "--signal", signal);

    /// <summary>Starts etcd or kube-apiserver again on the same port and data. It is not ready yet.</summary>
    public Task StartAgainAsync(string name) => ControlAsync("start", name);

    private async Task ControlAsync(params string[] args)
    {
        var (exitCode, _, error) = await Script.RunAsync(Path.Combine(RepositoryRoot.Path, "hack", "control-plane.sh"), [.. args, "--dir", Folder]);
        Assert.True(exitCode == 0, $"hack/control-plane.sh {string.Join(' ', args)} failed:\n{error}");
    }

    private async Task<(int ExitCode, string Output, string Error)> RunKubectlAsync(string? input, string[] args) =>
        await Script.RunAsync(await ClientTool.PathAsync("kubectl"), ["--kubeconfig", Kubeconfig, .. args], input);

    private static async Task<string> StartAsync(string name, params string[] flags)
    {
        var dir = Path.Combine(RepositoryRoot.Path, "artifacts", "control-planes", $"{Environment.ProcessId}-{name}");
        // The script watches this process, so that nothing stays behind when it is killed.
        var (exitCode, output, error) = await Script.RunAsync(
            Path.Combine(RepositoryRoot.Path, "hack", "control-plane.sh"),
            ["up", "--dir", dir, "--while-pid", $"{Environment.ProcessId}", .. flags.SelectMany(flag => new[] { "--apiserver-flag", flag })]);
        return exitCode == 0
            ? output.TrimEnd().Split('\n')[^1]
            : throw new InvalidOperationException($"hack/control-plane.sh up failed with exit status {exitCode}:\n{error}");
    }
}
