using GpuMem.TestKit;

namespace GpuMem.Cluster.Tests;

/// <summary>Who has never seen GpuMem types what the documents say, in their order, and nothing else.</summary>
public sealed class NewcomerTests : IAsyncLifetime
{
    private const string Denied = "config/samples/jobs/llama-70b-qlora-pod.yaml";

    private readonly DirectoryInfo _tools = Directory.CreateTempSubdirectory("gpumem-");

    private readonly int _port = InstalledGpuMem.FreePort();

    private readonly List<GpuMemProcess> _running = [];

    private ControlPlane _controlPlane = null!;

    public async ValueTask InitializeAsync()
    {
        _controlPlane = await ControlPlane.NewAsync();

        // A cluster with GPUs, in which nothing carries the traffic of a Service: helm is told besides that the webhook runs here.
        await ToolAsync("kubectl", $"exec {await ClientTool.PathAsync("kubectl")} \"$@\"");
        await ToolAsync("kubectl-gpumem", $"exec {string.Join(' ', [GpuMemExecutable.Program, .. GpuMemExecutable.Arguments()])} \"$@\"");
        var besides = string.Join(' ', InstalledGpuMem.HelmArguments(_controlPlane.ServerVersion, _port));
        await ToolAsync("helm", $"case $1 in install | upgrade) set -- \"$@\" {besides} ;; esac\nexec {await ClientTool.PathAsync("helm")} \"$@\"");
        foreach (var nodes in new[] { "h100.yaml", "a10g.yaml" })
            await TypeAsync($"hack/nodes.sh apply config/samples/nodes/{nodes}");
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _controlPlane.StopAsync();
        _tools.Delete(recursive: true);
    }

    [ClusterFact]
    public async Task From_helm_install_to_the_first_useful_denial_by_the_commands_of_the_README_and_out_again_by_those_of_operations()
    {
        // The image is made by a test of its own, and the executable is installed already.
        string[] typed = [.. Documents.Commands("README.md").SkipWhile(line => !line.StartsWith("helm install", StringComparison.Ordinal))];
        Assert.Contains(typed, line => line.Contains(Denied, StringComparison.Ordinal));
        foreach (var line in typed)
            await (line.Contains(Denied, StringComparison.Ordinal) ? IsDeniedAsync(line) : SucceedsAsync(line));

        foreach (var line in Documents.Commands("docs/operations.md").Where(line => !line.StartsWith("install ", StringComparison.Ordinal) && !line.StartsWith("helm install", StringComparison.Ordinal)))
            await SucceedsAsync(line);
        foreach (var line in new[] { "kubectl get pods -A -l gpumem.io/training-job=llama-70b-qlora -o name", "kubectl get clusterroles -l app.kubernetes.io/name=gpumem -o name" })
            Assert.Equal("", (await TypeAsync(line)).Output);
    }

    private async Task SucceedsAsync(string line)
    {
        if (line.StartsWith("helm uninstall", StringComparison.Ordinal))
            await StopAsync();
        using var stop = new CancellationTokenSource();
        var kubelet = line.StartsWith("helm test", StringComparison.Ordinal) ? OnePodKubelet.RunAsync(_controlPlane, InstalledGpuMem.Namespace, "gpumem-check", stop.Token) : Task.FromResult<string?>(null);

        var (exitCode, output, error) = await TypeAsync(line.Replace(" --logs", "", StringComparison.Ordinal));

        await stop.CancelAsync();
        Assert.True(exitCode == 0, $"$ {line}\n{output}{error}{await kubelet}");
        if (line.StartsWith("helm install", StringComparison.Ordinal))
            await StartAsync();
    }

    /// <summary>The webhook may hear of the job and of the namespace's label a moment after the API server did. What it says then is what the README shows.</summary>
    private async Task IsDeniedAsync(string line)
    {
        var shown = Documents.Sessions("README.md").First(session => session.Command.Contains(Denied, StringComparison.Ordinal)).Printed;
        var (exitCode, output, error) = await TypeAsync(line);
        for (var attempt = 0; exitCode == 0 && attempt < 100; attempt++)
        {
            await TypeAsync($"kubectl delete -f {Denied} --grace-period=0 --force");
            (exitCode, output, error) = await TypeAsync(line);
        }

        Assert.True(exitCode != 0, output);
        Assert.Equal(shown, error.Trim().Split('\n')[^1]);
    }

    private async Task StartAsync()
    {
        _running.Add(InstalledGpuMem.NewOperator(await _controlPlane.KubeconfigForAsync(InstalledGpuMem.Namespace, "gpumem-operator")));
        _running.Add(InstalledGpuMem.NewWebhook(await _controlPlane.KubeconfigForAsync(InstalledGpuMem.Namespace, "gpumem-webhook"), _port));
        await _running[0].HasLoggedAsync("Acting on TrainingJobs");
        await _running[1].HasLoggedAsync("Ready on port");
    }

    private async Task StopAsync()
    {
        foreach (var process in _running)
            await process.DisposeAsync();
        _running.Clear();
    }

    private Task<(int ExitCode, string Output, string Error)> TypeAsync(string line) => Script.RunAsync(
        "bash",
        ["-c", $"cd {RepositoryRoot.Path} && {line}"],
        environment: new Dictionary<string, string>
        {
            ["PATH"] = $"{_tools.FullName}:{Environment.GetEnvironmentVariable("PATH")}",
            ["KUBECONFIG"] = _controlPlane.Kubeconfig,
        });

    private async Task ToolAsync(string name, string script)
    {
        var path = Path.Combine(_tools.FullName, name);
        await File.WriteAllTextAsync(path, $"#!/bin/sh\n{script}\n");
        await Script.RunAsync("chmod", ["+x", path]);
    }
}
