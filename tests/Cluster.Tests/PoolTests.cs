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
}
