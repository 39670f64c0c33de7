using GpuMem.TestKit;

namespace GpuMem.Cluster.Tests;

/// <summary>Pools on a real API server: those that have no node yet, and those that only a driver tells of.</summary>
[Collection(InstalledGpuMemCollection.Name)]
public sealed class PoolTests(InstalledGpuMem cluster)
{
    /// <summary>All of an 8B model on one GPU: more than an H100 has, less than a B200.</summary>
    private const string OnOneLargeGpu = """
        apiVersion: gpumem.io/v1alpha1
        kind: TrainingJob
        metadata: {name: large}
        spec:
          model: {name: meta-llama/Llama-3.1-8B}
          training: {sequenceLength: 1024, recompute: Full}
          parallelism: {data: 1}
          template:
            spec:
              containers:
              - name: trainer
                image: trainer:1
                resources: {limits: {nvidia.com/gpu: "1"}}
        """;

    [ClusterFact]
    public async Task A_declared_pool_of_no_nodes_admits_a_job_that_only_it_can_hold_and_the_pod_selects_it()
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.ApplyAsync(ns, OnOneLargeGpu);
        await cluster.WaitForAsync(ns, "gtj/large", ".status.phase", "Rejected");
        try
        {
            var (exitCode, _, error) = await cluster.ApplyAsync(ns, """
                apiVersion: gpumem.io/v1alpha1
                kind: GpuPool
                metadata: {name: b200}
                spec: {selector: {karpenter.sh/nodepool: b200}, product: NVIDIA-B200, gpusPerNode: 8, maxNodes: 2}
                """);
            Assert.True(exitCode == 0, error);

            await cluster.WaitForAsync(ns, "gtj/large", ".status.phase", "Launched");
            Assert.Equal("Fits b200", await cluster.GetAsync(ns, "gtj/large", ".status.verdict} {.status.plan.pool"));
            Assert.Equal("b200", await cluster.GetAsync(ns, "job/large", @".spec.template.spec.nodeSelector.karpenter\.sh/nodepool"));
        }
        finally
        {
            await cluster.KubectlAsync("delete", "gpupool", "b200", "--ignore-not-found");
        }
    }

    [ClusterFact(MinimumServerVersion = "1.34")]
    public async Task A_slice_that_a_driver_publishes_changes_the_verdict()
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.ApplyAsync(ns, OnOneLargeGpu);
        await cluster.WaitForAsync(ns, "gtj/large", ".status.phase", "Rejected");
        try
        {
            var (exitCode, _, error) = await cluster.ApplyAsync(ns, """
                apiVersion: resource.k8s.io/v1
                kind: ResourceSlice
                metadata: {name: b200-gpus}
                spec:
                  driver: gpu.nvidia.com
                  nodeName: b200-node
                  pool: {name: b200-node, generation: 1, resourceSliceCount: 1}
                  devices: [{name: gpu-0, attributes: {productName: {string: NVIDIA B200}}, capacity: {memory: {value: 183359Mi}}}]
                """);
            Assert.True(exitCode == 0, error);

            await cluster.WaitForAsync(ns, "gtj/large", ".status.verdict", "Fits");
        }
        finally
        {
            await cluster.KubectlAsync("delete", "resourceslice", "b200-gpus", "--ignore-not-found");
        }
    }

    [ClusterFact(MinimumServerVersion = "1.34")]
    public async Task A_job_on_GPUs_that_only_a_driver_offers_claims_them_and_its_need_is_the_claims_selector()
    {
        var ns = await cluster.NewNamespaceAsync();
        try
        {
            var (exitCode, _, error) = await cluster.ApplyAsync(ns, """
                apiVersion: resource.k8s.io/v1
                kind: ResourceSlice
                metadata: {name: b200-by-claims}
                spec:
                  driver: gpu.nvidia.com
                  nodeName: b200-by-claims
                  pool: {name: b200-by-claims, generation: 1, resourceSliceCount: 1}
                  devices: [{name: gpu-0, attributes: {type: {string: gpu}, productName: {string: NVIDIA B200}}, capacity: {memory: {value: 183359Mi}}}]
                """);
            Assert.True(exitCode == 0, error);
            await cluster.ApplyAsync(ns, OnOneLargeGpu.Replace("  template:", "  placement: {pools: [unlabelled]}\n  template:", StringComparison.Ordinal)
                .Replace("        resources: {limits: {nvidia.com/gpu: \"1\"}}", "", StringComparison.Ordinal));

            await cluster.WaitForAsync(ns, "gtj/large", ".status.phase", "Launched");
            var template = await cluster.GetAsync(ns, "job/large", ".spec.template.spec.resourceClaims[0].resourceClaimTemplateName");
            Assert.Equal(await cluster.GetAsync(ns, "job/large", ".spec.template.spec.resourceClaims[0].name"), await cluster.GetAsync(ns, "job/large", ".spec.template.spec.containers[0].resources.claims[0].name"));
            Assert.Equal("gpu.nvidia.com 1", await cluster.GetAsync(ns, $"resourceclaimtemplate/{template}", ".spec.spec.devices.requests[0].exactly.deviceClassName} {.spec.spec.devices.requests[0].exactly.count"));
            Assert.Contains(".memory.compareTo(quantity(", await cluster.GetAsync(ns, $"resourceclaimtemplate/{template}", ".spec.spec.devices.requests[0].exactly.selectors[0].cel.expression"));
            Assert.Equal("large", await cluster.GetAsync(ns, $"resourceclaimtemplate/{template}", ".metadata.ownerReferences[0].name"));
        }
        finally
        {
            await cluster.KubectlAsync("delete", "resourceslice", "b200-by-claims", "--ignore-not-found");
        }
    }

    [ClusterFact]
    public async Task A_node_pool_of_Karpenter_without_a_node_is_a_pool_and_goes_with_it()
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.ApplyAsync(ns, OnOneLargeGpu);
        await cluster.WaitForAsync(ns, "gtj/large", ".status.phase", "Rejected");
        try
        {
            await cluster.ApplyAsync(ns, """
                apiVersion: apiextensions.k8s.io/v1
                kind: CustomResourceDefinition
                metadata: {name: nodepools.karpenter.sh}
                spec:
                  group: karpenter.sh
                  scope: Cluster
                  names: {plural: nodepools, kind: NodePool}
                  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]
                """);
            await cluster.KubectlAsync("wait", "--for=condition=Established", "--timeout=60s", "crd/nodepools.karpenter.sh");
            var (exitCode, _, error) = await cluster.ApplyAsync(ns, """
                apiVersion: karpenter.sh/v1
                kind: NodePool
                metadata: {name: b200}
                spec:
                  limits: {nvidia.com/gpu: "16"}
                  template: {spec: {requirements: [{key: node.kubernetes.io/instance-type, operator: In, values: [p6-b200.48xlarge]}]}}
                """);
            Assert.True(exitCode == 0, error);
            await AskAgainAsync();

            await cluster.WaitForAsync(ns, "gtj/large", ".status.verdict", "Fits");
            Assert.Equal("b200", await cluster.GetAsync(ns, "job/large", @".spec.template.spec.nodeSelector.karpenter\.sh/nodepool"));
            Assert.Equal("0 NVIDIA-B200", await cluster.GetAsync("default", "gpupool/b200", ".status.nodes} {.status.product"));
        }
        finally
        {
            await cluster.KubectlAsync("delete", "crd", "nodepools.karpenter.sh", "--ignore-not-found");
            await AskAgainAsync();
        }

        await cluster.KubectlAsync("wait", "--for=delete", "gpupool/b200", "--timeout=60s");
    }

    /// <summary>An operator that starts asks at once which kinds there are.</summary>
    private async Task AskAgainAsync()
    {
        await cluster.StopOperatorAsync();
        await cluster.StartOperatorAsync();
    }
}
