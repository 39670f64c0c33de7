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
        var kubelet = OnePodKubelet.RunAsync(cluster.ControlPlane, InstalledGpuMem.Namespace, Pod, stop.Token);

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

    private static async Task<(int ExitCode, string Output)> CheckAsync(string kubeconfig, string[] args)
    {
        var (exitCode, output, error) = await Script.RunAsync(GpuMemExecutable.Program, GpuMemExecutable.Arguments([.. args, "--kubeconfig", kubeconfig]));
        return (exitCode, output + error);
    }
}
