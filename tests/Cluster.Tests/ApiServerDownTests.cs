using GpuMem.TestKit;
using GpuMem.TestKit.Faults;

namespace GpuMem.Cluster.Tests;

/// <summary>An API server that is not there yet, or not any more.</summary>
[Collection(InstalledGpuMemCollection.Name)]
public sealed class ApiServerDownTests(InstalledGpuMem cluster)
{
    [ClusterFact]
    public async Task An_operator_that_starts_first_says_so_waits_and_recovers()
    {
        using var door = new FaultProxy(new Uri(await ServerAsync()).Port, refuse: true);
        var kubeconfig = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.kubeconfig");
        var administrator = await File.ReadAllTextAsync(cluster.ControlPlane.Kubeconfig);
        await File.WriteAllTextAsync(kubeconfig, administrator.Replace(await ServerAsync(), $"https://127.0.0.1:{door.Port}", StringComparison.Ordinal));
        await using var process = GpuMemProcess.Start(
            "operator", "--kubeconfig", kubeconfig, "--namespace", "default", "--address", "127.0.0.1", "--health-port", "0", "--leader-elect", "--name", "second");
        await process.HasLoggedAsync("is not reachable");

        door.Refuse = false;

        await process.HasLoggedAsync("The cluster is known");
    }

    private async Task<string> ServerAsync() =>
        (await cluster.KubectlAsync("config", "view", "--minify", "-o", "jsonpath={.clusters[0].cluster.server}")).Trim();
}
