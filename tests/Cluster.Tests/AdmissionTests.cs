using GpuMem.TestKit;

namespace GpuMem.Cluster.Tests;

/// <summary>What the API server says to pods and TrainingJobs once the webhook has been asked.</summary>
[Collection(InstalledGpuMemCollection.Name)]
public sealed class AdmissionTests(InstalledGpuMem cluster)
{
    [ClusterFact]
    public async Task A_pod_that_cannot_fit_is_rejected_with_what_to_change()
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.ApplyAsync(ns, Manifests.Llama70BOnSmallCards());

        var (exitCode, _, error) = await RejectedAsync(ns, Manifests.PodOf("llama-70b"));

        Assert.NotEqual(0, exitCode);
        Assert.Contains("denied the request: needs ", error);
        Assert.Contains("NVIDIA-A10G has 2", error);
        Assert.Contains("Fix: ", error);
        Assert.Contains("Largest: ", error);
        Assert.Contains("kubectl describe trainingjob/llama-70b", error);
    }

    [ClusterFact(MinimumServerVersion = "1.34")]
    public async Task A_pod_that_claims_its_GPU_is_held_against_the_devices_that_the_claim_takes()
    {
        var ns = await cluster.NewNamespaceAsync();
        try
        {
            var (applied, _, refusal) = await cluster.ApplyAsync(ns, """
                apiVersion: resource.k8s.io/v1
                kind: ResourceSlice
                metadata: {name: claimed-l4}
                spec:
                  driver: gpu.nvidia.com
                  nodeName: claimed-node
                  pool: {name: claimed-node, generation: 1, resourceSliceCount: 1}
                  devices: [{name: gpu-0, attributes: {type: {string: gpu}, productName: {string: NVIDIA L4}}, capacity: {memory: {value: 23034Mi}}}]
                ---
                apiVersion: resource.k8s.io/v1
                kind: DeviceClass
                metadata: {name: one-l4}
                spec: {selectors: [{cel: {expression: 'device.driver == "gpu.nvidia.com" && device.attributes["gpu.nvidia.com"].productName == "NVIDIA L4"'}}]}
                ---
                apiVersion: resource.k8s.io/v1
                kind: ResourceClaimTemplate
                metadata: {name: one}
                spec: {spec: {devices: {requests: [{name: gpu, exactly: {deviceClassName: one-l4}}]}}}
                """);
            Assert.True(applied == 0, refusal);
            await cluster.ApplyAsync(ns, WithoutTemplate(Manifests.Llama8B()).Replace("placement: {pools: [h100]}", "parallelism: {data: 1}", StringComparison.Ordinal));

            var (exitCode, _, error) = await RejectedAsync(ns, """
                apiVersion: v1
                kind: Pod
                metadata: {name: trainer-0, labels: {gpumem.io/training-job: llama-8b}}
                spec:
                  containers: [{name: trainer, image: trainer:1, resources: {claims: [{name: gpu}]}}]
                  resourceClaims: [{name: gpu, resourceClaimTemplateName: one}]
                """);

            Assert.NotEqual(0, exitCode);
            Assert.Contains("NVIDIA-L4 has 22.0 GiB", error);
        }
        finally
        {
            await cluster.KubectlAsync("delete", "resourceslice/claimed-l4", "deviceclass/one-l4", "--ignore-not-found");
        }
    }

    [ClusterFact]
    public async Task A_pod_without_gpu_count_is_given_the_count_and_the_pool_of_the_plan()
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.ApplyAsync(ns, WithoutTemplate(Manifests.Llama8B()));

        await UntilMutatedAsync(ns, Manifests.PodOf("llama-8b", gpus: null));

        var gpus = await cluster.GetAsync(ns, "gtj/llama-8b", ".status.plan.gpusPerNode");
        Assert.Equal(gpus, await cluster.GetAsync(ns, "pod/trainer-0", @".spec.containers[0].resources.limits.nvidia\.com/gpu"));
        Assert.Equal("h100", await cluster.GetAsync(ns, "pod/trainer-0", @".spec.nodeSelector.karpenter\.sh/nodepool"));
        Assert.Contains("nvidia.com/gpu", await cluster.GetAsync(ns, "pod/trainer-0", ".spec.tolerations[*].key"));
    }

    [ClusterFact]
    public async Task A_pod_that_is_none_of_our_business_is_admitted_untouched()
    {
        var ns = await cluster.NewNamespaceAsync();

        var (exitCode, _, error) = await cluster.ApplyAsync(ns, """
            apiVersion: v1
            kind: Pod
            metadata: {name: web}
            spec: {containers: [{name: web, image: web:1}]}
            """);

        Assert.Equal(0, exitCode);
        Assert.DoesNotContain("Warning", error);
    }

    [ClusterFact]
    public async Task An_author_who_may_not_create_pods_may_not_do_so_by_a_template()
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.KubectlAsync("create", "serviceaccount", "author", "-n", ns);
        await cluster.KubectlAsync("create", "role", "author", "-n", ns, "--verb=create,get,patch", "--resource=trainingjobs.gpumem.io");
        await cluster.KubectlAsync("create", "rolebinding", "author", "-n", ns, "--role=author", $"--serviceaccount={ns}:author");
        var kubeconfig = await cluster.ControlPlane.KubeconfigForAsync(ns, "author");

        var withTemplate = await ApplyAsAsync(kubeconfig, ns, Manifests.Llama8B());
        var without = await ApplyAsAsync(kubeconfig, ns, WithoutTemplate(Manifests.Llama8B()));

        Assert.NotEqual(0, withTemplate.ExitCode);
        Assert.Contains("may not create pods in namespace", withTemplate.Error);
        Assert.True(without.ExitCode == 0, without.Error);
    }

    [ClusterFact]
    public async Task A_model_that_nobody_knows_is_an_error_at_once()
    {
        var ns = await cluster.NewNamespaceAsync();

        var (exitCode, _, error) = await cluster.ApplyAsync(ns, Manifests.Llama8B().Replace("Llama-3.1-8B", "Llama-3.1-9B", StringComparison.Ordinal));

        Assert.NotEqual(0, exitCode);
        Assert.Contains("model.name", error);
    }

    [ClusterFact(MinimumServerVersion = "1.30")]
    public async Task The_schema_alone_refuses_what_needs_no_cluster_to_be_wrong()
    {
        var ns = await cluster.NewNamespaceAsync();

        var (exitCode, _, error) = await cluster.ApplyAsync(ns, """
            apiVersion: gpumem.io/v1alpha1
            kind: TrainingJob
            metadata: {name: 8b}
            spec:
              model: {name: meta-llama/Llama-3.1-8B, parameters: 8B}
              training: {sequenceLength: 0}
              parallelism: {data: 0}
            """);

        Assert.NotEqual(0, exitCode);
        Assert.Contains("give exactly one of name", error);
        Assert.Contains("greater than or equal to 1", error);
        Assert.Contains("give Auto or a number", error);
        Assert.Contains("DNS label", error);
    }

    [ClusterFact]
    public async Task Without_any_gpu_node_a_job_is_admitted_with_a_warning()
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.DeleteNodesAsync("h100.yaml");
        await cluster.DeleteNodesAsync("a10g.yaml");
        try
        {
            await cluster.KubectlAsync("wait", "gpupool/h100", "gpupool/a10g", "--for=delete", "--timeout=60s");
            var job = Manifests.Llama8B().Replace("placement: {pools: [h100]}", "", StringComparison.Ordinal);

            var (exitCode, _, error) = await cluster.ApplyAsync(ns, job);

            Assert.Equal(0, exitCode);
            Assert.Contains("no GPU pool is known", error);
            await cluster.WaitForAsync(ns, "gtj/llama-8b", ".status.verdict", "Unknown");
            Assert.Equal("Pending", await cluster.GetAsync(ns, "gtj/llama-8b", ".status.phase"));
            Assert.Equal(0, (await cluster.ApplyAsync(ns, Manifests.PodOf("llama-8b", gpus: 1))).ExitCode);
        }
        finally
        {
            await cluster.ApplyNodesAsync("h100.yaml");
            await cluster.ApplyNodesAsync("a10g.yaml");
            await cluster.KubectlAsync("wait", "gpupool/h100", "--for=jsonpath={.status.gpus}=16", "--timeout=60s");
        }
    }

    /// <summary>The job may reach the webhook's cache a moment after it was created; until then the pod is admitted, with a warning.</summary>
    private async Task<(int ExitCode, string Output, string Error)> RejectedAsync(string ns, string pod)
    {
        var answer = await cluster.ApplyAsync(ns, pod);
        while (answer.ExitCode == 0 && (answer.Error.Contains("no TrainingJob", StringComparison.Ordinal) || answer.Error.Contains("what it claims is not known", StringComparison.Ordinal)))
        {
            await cluster.KubectlAsync("delete", "pod", "trainer-0", "-n", ns, "--force", "--grace-period=0");
            answer = await cluster.ApplyAsync(ns, pod);
        }
        return answer;
    }

    private async Task UntilMutatedAsync(string ns, string pod)
    {
        var (exitCode, _, error) = await RejectedAsync(ns, pod);
        Assert.True(exitCode == 0, error);
        await cluster.WaitForAsync(ns, "gtj/llama-8b", ".status.phase", "Admitted");
    }

    private static string WithoutTemplate(string job) => job[..job.IndexOf("  template:", StringComparison.Ordinal)];

    private static async Task<(int ExitCode, string Output, string Error)> ApplyAsAsync(string kubeconfig, string ns, string yaml) =>
        await Script.RunAsync(await ClientTool.PathAsync("kubectl"), ["--kubeconfig", kubeconfig, "create", "-n", ns, "-f", "-"], yaml);
}
