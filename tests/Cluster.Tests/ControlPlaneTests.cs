using GpuMem.TestKit;

namespace GpuMem.Cluster.Tests;

public sealed class ControlPlaneTests(ControlPlane controlPlane) : IClassFixture<ControlPlane>
{
    [ClusterFact]
    public async Task A_service_account_token_carries_exactly_the_rights_of_its_account()
    {
        await controlPlane.ApplyAsync("""
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: reader, namespace: default}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: reader, namespace: default}
            rules: [{apiGroups: [""], resources: [pods], verbs: [list]}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: reader, namespace: default}
            subjects: [{kind: ServiceAccount, name: reader, namespace: default}]
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
            """);
        var kubeconfig = await controlPlane.KubeconfigForAsync("default", "reader");

        Assert.Equal(0, (await KubectlAsync("get", "pods", "-n", "default")).ExitCode);
        Assert.Contains("Forbidden", (await KubectlAsync("get", "nodes")).Error);

        async Task<(int ExitCode, string Output, string Error)> KubectlAsync(params string[] args) =>
            await Script.RunAsync(await ClientTool.PathAsync("kubectl"), ["--kubeconfig", kubeconfig, .. args]);
    }

    [ClusterFact(MinimumServerVersion = "1.30")]
    public async Task A_recent_server_speaks_ValidatingAdmissionPolicy_v1()
    {
        var (exitCode, output, _) = await controlPlane.KubectlAsync("get", "--raw", "/apis/admissionregistration.k8s.io/v1");

        Assert.Equal(0, exitCode);
        Assert.Contains("validatingadmissionpolicies", output);
    }

    [ClusterFact]
    public async Task The_server_tells_the_version_that_its_binary_has()
    {
        var (_, output, _) = await controlPlane.KubectlAsync("version", "-o", "json");

        Assert.Contains($"\"gitVersion\": \"v{controlPlane.ServerVersion}", output);
    }
}
