using System.Text.Json.Nodes;
using GpuMem.TestKit;

namespace GpuMem.Cluster.Tests;

/// <summary><c>helm test</c>, and what it runs: whether an installation does what it is for.</summary>
[Collection(InstalledGpuMemCollection.Name)]
public sealed class CheckTests(InstalledGpuMem cluster)
{
    private const string Pod = "gpumem-check";

    [ClusterFact]
    public async Task Helm_test_tries_a_job_that_fits_and_one_that_does_not_and_leaves_nothing()
    {
        using var stop = new CancellationTokenSource();
        var kubelet = RunPodAsync(stop.Token);

        var (exitCode, output, error) = await Script.RunAsync(
            await ClientTool.PathAsync("helm"), ["test", "gpumem", "--namespace", InstalledGpuMem.Namespace, "--kubeconfig", cluster.ControlPlane.Kubeconfig, "--timeout", "120s"]);
        await stop.CancelAsync();
        var said = await kubelet;

        Assert.True(exitCode == 0, $"{output}{error}{said}");
        Assert.Contains("ok      the webhook refused the pod of that one: denied the request: needs 127", said);
        Assert.Contains("Fix: ", said);
        Assert.Contains("ok      the webhook admitted the pod of the other and chose its pool", said);
        await AssertNothingIsLeftAsync();
        Assert.Equal("", await cluster.KubectlAsync("get", "clusterrole,clusterrolebinding,serviceaccount,pod", "-n", InstalledGpuMem.Namespace, "-l", "app.kubernetes.io/component=check", "-o", "name"));
    }

    [ClusterFact]
    public async Task Where_the_operator_does_not_run_the_check_says_so_and_where_to_look()
    {
        await cluster.StopOperatorAsync();
        try
        {
            var (exitCode, output) = await CheckAsync(cluster.ControlPlane.Kubeconfig, ["check", "--timeout=1"]);

            Assert.Equal(1, exitCode);
            Assert.Contains("failed  the operator has said nothing", output);
            Assert.Contains("kubectl -n gpumem-system logs deployment/gpumem-operator", output);
            await AssertNothingIsLeftAsync();
        }
        finally
        {
            await cluster.StartOperatorAsync();
        }
    }

    /// <summary>A namespace that is going may still be seen.</summary>
    private async Task AssertNothingIsLeftAsync()
    {
        var namespaces = JsonNode.Parse(await cluster.KubectlAsync("get", "namespaces", "-o", "json"))!["items"]!.AsArray();
        Assert.DoesNotContain(namespaces, ns => ns!["metadata"]!["name"]!.GetValue<string>().StartsWith(Pod, StringComparison.Ordinal) && ns["metadata"]!["deletionTimestamp"] is null);
        Assert.DoesNotContain(Pod, await cluster.KubectlAsync("get", "gpupools", "-o", "name"));
    }

    /// <summary>Does what a kubelet would, for there is none here: runs what the pod says with its service account's rights, and reports how it ended.</summary>
    private async Task<string> RunPodAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var (exitCode, json, _) = await cluster.ControlPlane.KubectlAsync("get", "pod", Pod, "-n", InstalledGpuMem.Namespace, "-o", "json");
            if (exitCode != 0)
                continue;
            var spec = JsonNode.Parse(json)!["spec"]!;
            var kubeconfig = await cluster.ControlPlane.KubeconfigForAsync(InstalledGpuMem.Namespace, spec["serviceAccountName"]!.GetValue<string>());
            var (status, said) = await CheckAsync(kubeconfig, [.. spec["containers"]![0]!["args"]!.AsArray().Select(arg => arg!.GetValue<string>())]);
            var phase = new JsonObject { ["status"] = new JsonObject { ["phase"] = status == 0 ? "Succeeded" : "Failed" } };
            await cluster.KubectlAsync("patch", "pod", Pod, "-n", InstalledGpuMem.Namespace, "--subresource=status", "--type=merge", "-p", phase.ToJsonString());
            return said;
        }

        return "helm made no pod";
    }

    private static async Task<(int ExitCode, string Output)> CheckAsync(string kubeconfig, string[] args)
    {
        var (exitCode, output, error) = await Script.RunAsync(GpuMemExecutable.Program, GpuMemExecutable.Arguments([.. args, "--kubeconfig", kubeconfig]));
        return (exitCode, output + error);
    }
}
