using GpuMem.TestKit;

namespace GpuMem.Cluster.Tests;

/// <summary>From an earlier chart to this one and out again, with objects in place. The earlier one, in charts/, knows no ModelServers.</summary>
public sealed class UpgradeTests : IAsyncLifetime
{
    private const string Namespace = InstalledGpuMem.Namespace;

    private static readonly string Earlier = Path.Combine(RepositoryRoot.Path, "tests", "Cluster.Tests", "charts", "gpumem-before-modelserver.tgz");

    private static readonly string Current = Path.Combine(RepositoryRoot.Path, "charts", "gpumem");

    private ControlPlane _controlPlane = null!;

    /// <summary>A server that does not know CEL rules drops them on creation; helm's own check and server-side apply refuse them.</summary>
    private string[] ForOldServers => _controlPlane.ServerVersion < new Version(1, 25) ? ["--disable-openapi-validation", "--server-side=false"] : [];

    public async ValueTask InitializeAsync() => _controlPlane = await ControlPlane.NewAsync();

    public async ValueTask DisposeAsync() => await _controlPlane.StopAsync();

    [ClusterFact]
    public async Task Objects_and_values_outlive_an_upgrade_and_uninstalling_leaves_only_what_holds_objects()
    {
        await HelmAsync(["install", "gpumem", Earlier, "--create-namespace", "--set", "webhook.failurePolicy.trainingJobs=Ignore,webhook.replicas=3", .. ForOldServers]);
        await KubectlAsync("wait", "--for=condition=Established", "crd/trainingjobs.gpumem.io", "crd/gpupools.gpumem.io");
        await _controlPlane.ApplyAsync("""
            apiVersion: gpumem.io/v1alpha1
            kind: GpuPool
            metadata: {name: h100}
            spec: {product: NVIDIA-H100-80GB-HBM3, gpusPerNode: 8, maxNodes: 2}
            """);
        await _controlPlane.ApplyAsync(Manifests.Llama8B("kept"), "-n", "default");
        var before = await ObjectsAsync();

        await HelmAsync(["upgrade", "gpumem", Current, "--reset-then-reuse-values", .. ForOldServers]);

        Assert.Equal(before, await ObjectsAsync());
        Assert.Equal("3", await KubectlAsync("get", "deployment", "gpumem-webhook", "-n", Namespace, "-o", "jsonpath={.spec.replicas}"));
        Assert.Equal("Ignore", await KubectlAsync("get", "validatingwebhookconfiguration", "gpumem", "-o", "jsonpath={.webhooks[?(@.name==\"validate-trainingjob.gpumem.io\")].failurePolicy}"));
        await KubectlAsync("wait", "--for=condition=Established", "crd/modelservers.gpumem.io");
        await using (var planner = InstalledGpuMem.NewOperator(await _controlPlane.KubeconfigForAsync(Namespace, "gpumem-operator")))
        {
            await planner.HasLoggedAsync("Acting on TrainingJobs");
            await KubectlAsync("wait", "gtj/kept", "-n", "default", "--for=jsonpath={.status.verdict}=Fits", "--timeout=60s");
        }

        await HelmAsync("uninstall", "gpumem");

        Assert.Equal("", await KubectlAsync(
            "get", "validatingwebhookconfigurations,mutatingwebhookconfigurations,clusterroles,clusterrolebindings", "-o", "name", "-l", "app.kubernetes.io/instance=gpumem"));
        Assert.Equal("", await KubectlAsync(
            "get", "deployments,services,configmaps,secrets,roles,rolebindings,serviceaccounts,poddisruptionbudgets,networkpolicies", "-n", Namespace, "-o", "name", "-l", "app.kubernetes.io/instance=gpumem"));
        Assert.Equal(before, await ObjectsAsync());
    }

    /// <summary>Who they are and what their authors said.</summary>
    private Task<string> ObjectsAsync() => KubectlAsync(
        "get", "trainingjobs,gpupools", "-A", "-o", "jsonpath={range .items[*]}{.kind} {.metadata.name} {.metadata.uid} {.spec}{\"\\n\"}{end}");

    private async Task<string> KubectlAsync(params string[] args)
    {
        var (exitCode, output, error) = await _controlPlane.KubectlAsync(args);
        Assert.True(exitCode == 0, $"kubectl {string.Join(' ', args)} failed:\n{output}{error}");
        return output;
    }

    private async Task HelmAsync(params string[] args)
    {
        var (exitCode, output, error) = await Script.RunAsync(
            await ClientTool.PathAsync("helm"), [.. args, "--namespace", Namespace, "--kubeconfig", _controlPlane.Kubeconfig]);
        Assert.True(exitCode == 0, $"helm {args[0]} failed:\n{output}{error}");
    }
}
