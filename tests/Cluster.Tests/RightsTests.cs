using GpuMem.TestKit;

namespace GpuMem.Cluster.Tests;

/// <summary>The other tests show that the chart's rights are enough; these, that they are not too much.</summary>
[Collection(InstalledGpuMemCollection.Name)]
public sealed class RightsTests(InstalledGpuMem cluster)
{
    [ClusterFact]
    public async Task The_operator_cannot_read_secrets_nor_make_pods()
    {
        Assert.Equal("no", await MayAsync("gpumem-operator", "get", "secrets"));
        Assert.Equal("no", await MayAsync("gpumem-operator", "create", "pods"));
        Assert.Equal("no", await MayAsync("gpumem-operator", "delete", "jobs.batch"));
        Assert.Equal("yes", await MayAsync("gpumem-operator", "create", "jobs.batch"));
        Assert.Equal("no", await MayAsync("gpumem-operator", "delete", "deployments.apps"));
        Assert.Equal("yes", await MayAsync("gpumem-operator", "create", "deployments.apps"));
    }

    [ClusterFact]
    public async Task The_webhook_cannot_write_anything_but_its_own_certificate_and_registration()
    {
        Assert.Equal("no", await MayAsync("gpumem-webhook", "create", "jobs.batch"));
        Assert.Equal("no", await MayAsync("gpumem-webhook", "patch", "trainingjobs.gpumem.io"));
        Assert.Equal("no", await MayAsync("gpumem-webhook", "patch", "modelservers.gpumem.io"));
        Assert.Equal("no", await MayAsync("gpumem-webhook", "patch", "validatingwebhookconfigurations.admissionregistration.k8s.io/other"));
        Assert.Equal("yes", await MayAsync("gpumem-webhook", "patch", "validatingwebhookconfigurations.admissionregistration.k8s.io/gpumem"));
    }

    [ClusterFact]
    public async Task The_webhook_sees_its_own_Secret_and_no_other()
    {
        Assert.Equal("yes", await MayAsync("gpumem-webhook", "watch", "secrets/gpumem-webhook-certs", InstalledGpuMem.Namespace));
        Assert.Equal("no", await MayAsync("gpumem-webhook", "get", "secrets/other", InstalledGpuMem.Namespace));
        Assert.Equal("no", await MayAsync("gpumem-webhook", "list", "secrets", InstalledGpuMem.Namespace));
        Assert.Equal("no", await MayAsync("gpumem-webhook", "list", "validatingwebhookconfigurations.admissionregistration.k8s.io"));
    }

    private async Task<string> MayAsync(string account, string verb, string resource, string ns = "default")
    {
        var (_, output, _) = await cluster.ControlPlane.KubectlAsync(
            "auth", "can-i", verb, resource, "-n", ns, "--as", $"system:serviceaccount:{InstalledGpuMem.Namespace}:{account}");
        return output.Trim();
    }
}
