using GpuMem.TestKit;

namespace GpuMem.Cluster.Tests;

/// <summary>A model server on a real API server: refused where it would not start, with what would, and admitted once that is done.</summary>
[Collection(InstalledGpuMemCollection.Name)]
public sealed class ModelServerTests(InstalledGpuMem cluster)
{
    [ClusterFact]
    public async Task A_70B_Deployment_on_one_80_GB_card_is_refused_with_the_size_and_the_context_that_would_fit_and_admitted_with_them()
    {
        var ns = await cluster.NewNamespaceAsync();
        var described = await cluster.ApplyAsync(ns, Server(""));
        Assert.True(described.ExitCode == 0, described.Error);
        Assert.Contains("the weights alone are more", described.Error);
        Assert.Contains("fix: tensor=4 (holds ", described.Error);
        await cluster.WaitForAsync(ns, "gms/llama-70b", ".status.phase", "Rejected");

        var error = await RefusedAsync(ns, Deployment(gpus: 1));
        Assert.Contains("validate-workload.gpumem.io", error);
        Assert.Matches(@"needs [0-9.]+ GiB per GPU for a context of 131,072 tokens; NVIDIA-H100-80GB-HBM3 has [0-9.]+ GiB: the weights alone are more\. Fix: ", error);
        Assert.Matches(@"tensor=4 \(holds [0-9,]+ tokens on 4 GPUs of h100", error);
        Assert.Matches(@"contextLength=[0-9]+ \(holds [0-9,]+ tokens on ", error);
        Assert.Contains("kubectl describe modelserver/llama-70b", error);

        var patch = await cluster.GetAsync(ns, "gms/llama-70b", ".status.suggestions[0].patch");
        await cluster.KubectlAsync("patch", "gms", "llama-70b", "-n", ns, "--type=merge", "--patch", patch);
        await cluster.WaitForAsync(ns, "gms/llama-70b", ".status.verdict", "Fits");
        Assert.Equal("Admitted 1x4 h100", await cluster.GetAsync(ns, "gms/llama-70b", ".status.phase} {.status.plan.layout} {.status.plan.pool"));
        var admitted = await AdmittedAsync(ns, Deployment(gpus: 4));
        Assert.DoesNotContain("Warning", admitted);
    }

    [ClusterFact]
    public async Task A_pod_that_names_a_server_which_cannot_start_is_refused()
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.ApplyAsync(ns, Server(""));

        Assert.Contains("Fix: tensor=4 (holds ", await RefusedAsync(ns, """
            apiVersion: v1
            kind: Pod
            metadata: {name: vllm, labels: {gpumem.io/model-server: llama-70b}}
            spec: {containers: [{name: vllm, image: vllm, resources: {limits: {nvidia.com/gpu: 1}}}]}
            """));
    }

    [ClusterFact]
    public async Task A_server_with_a_template_is_launched_as_a_Deployment_on_the_right_GPUs()
    {
        var ns = await cluster.NewNamespaceAsync();
        var (exitCode, _, error) = await cluster.ApplyAsync(ns, await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, "config", "samples", "servers", "llama-70b.yaml")));
        Assert.True(exitCode == 0, error);

        await cluster.WaitForAsync(ns, "gms/llama-70b", ".status.phase", "Launched");
        Assert.Equal("4", await cluster.GetAsync(ns, "deployment/llama-70b", @".spec.template.spec.containers[0].resources.limits.nvidia\.com/gpu"));
        Assert.Equal("h100", await cluster.GetAsync(ns, "deployment/llama-70b", @".spec.template.spec.nodeSelector.karpenter\.sh/nodepool"));
        Assert.Equal("ModelServer", await cluster.GetAsync(ns, "deployment/llama-70b", ".metadata.ownerReferences[0].kind"));
        Assert.NotEqual("", await cluster.GetAsync(ns, "gms/llama-70b", ".status.holds.maxContext"));
    }

    [ClusterFact]
    public async Task A_replica_of_several_nodes_is_launched_as_a_LeaderWorkerSet_once_the_cluster_serves_them()
    {
        await cluster.KubectlAsync("delete", "crd", "leaderworkersets.leaderworkerset.x-k8s.io", "--ignore-not-found");
        var ns = await cluster.NewNamespaceAsync();
        var (exitCode, _, error) = await cluster.ApplyAsync(ns, await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, "config", "samples", "servers", "llama-405b-two-nodes.yaml")));
        Assert.True(exitCode == 0, error);
        await cluster.WaitForAsync(ns, "gms/llama-405b", ".status.conditions[?(@.type==\"Stalled\")].reason", "LeaderWorkerSetsMissing");

        await cluster.ControlPlane.ApplyAsync(LeaderWorkerSets, "--validate=false");
        await cluster.KubectlAsync("wait", "--for=condition=Established", "--timeout=60s", "crd/leaderworkersets.leaderworkerset.x-k8s.io");
        // It is asked again each minute, and at once when its author touches it.
        await cluster.KubectlAsync("patch", "gms/llama-405b", "-n", ns, "--type=merge", "--patch", """{"spec": {"replicas": 2}}""");
        await cluster.WaitForAsync(ns, "gms/llama-405b", ".status.phase", "Launched");

        const string Group = ".spec.leaderWorkerTemplate";
        Assert.Equal("2 2", await cluster.GetAsync(ns, "leaderworkerset/llama-405b", $".spec.replicas}} {{{Group}.size"));
        Assert.Equal("8", await cluster.GetAsync(ns, "leaderworkerset/llama-405b", Group + @".workerTemplate.spec.containers[0].resources.limits.nvidia\.com/gpu"));
        Assert.Equal("h100", await cluster.GetAsync(ns, "leaderworkerset/llama-405b", Group + @".leaderTemplate.spec.nodeSelector.karpenter\.sh/nodepool"));
        Assert.Equal("gpumem-launcher", await cluster.GetAsync(ns, "leaderworkerset/llama-405b", ".metadata.managedFields[0].manager"));
        Assert.Equal("ModelServer LeaderWorkerSet", await cluster.GetAsync(ns, "leaderworkerset/llama-405b", ".metadata.ownerReferences[0].kind} {.kind"));

        await cluster.KubectlAsync("patch", "leaderworkerset/llama-405b", "-n", ns, "--subresource=status", "--type=merge", "--patch", """{"status": {"readyReplicas": 1}}""");
        await cluster.KubectlAsync("annotate", "gms/llama-405b", "-n", ns, "look=again");
        await cluster.WaitForAsync(ns, "gms/llama-405b", ".status.phase", "Running");
    }

    [ClusterFact]
    public async Task What_contradicts_itself_is_refused()
    {
        var ns = await cluster.NewNamespaceAsync();

        var (exitCode, _, error) = await cluster.ApplyAsync(ns, Server("inputLength: 5"));

        Assert.NotEqual(0, exitCode);
        Assert.Contains("contextLength", error);
    }

    /// <summary>The kind without its controller, and of its schema no more than is asked here.</summary>
    private const string LeaderWorkerSets = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: leaderworkersets.leaderworkerset.x-k8s.io, annotations: {api-approved.kubernetes.io: "https://github.com/kubernetes-sigs/lws"}}
        spec:
          group: leaderworkerset.x-k8s.io
          scope: Namespaced
          names: {kind: LeaderWorkerSet, plural: leaderworkersets, singular: leaderworkerset}
          versions:
          - name: v1
            served: true
            storage: true
            subresources: {status: {}}
            schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
        """;

    private static string Server(string more) => $$"""
        apiVersion: gpumem.io/v1alpha1
        kind: ModelServer
        metadata: {name: llama-70b}
        spec:
          model: {name: meta-llama/Llama-3.1-70B}
          engine: VLLM
          contextLength: 131072
          placement: {pools: [h100]}
          targetRef: {apiVersion: apps/v1, kind: Deployment, name: vllm-llama-70b}
          {{more}}
        """;

    private static string Deployment(int gpus) => $$$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: vllm-llama-70b}
        spec:
          selector: {matchLabels: {app: vllm}}
          template:
            metadata: {labels: {app: vllm}}
            spec:
              containers:
              - name: vllm
                image: vllm/vllm-openai
                command: [vllm, serve, meta-llama/Llama-3.1-70B, --max-model-len, "131072", --tensor-parallel-size, "{{{gpus}}}"]
                resources: {limits: {nvidia.com/gpu: "{{{gpus}}}"}}
        """;

    /// <summary>The server may reach the webhook's cache a moment after it was created; until then what it describes is admitted.</summary>
    private async Task<string> RefusedAsync(string ns, string yaml)
    {
        var answer = await cluster.ApplyAsync(ns, yaml);
        while (answer.ExitCode == 0)
        {
            await cluster.ControlPlane.KubectlWithInputAsync(yaml, "delete", "-n", ns, "-f", "-", "--force", "--grace-period=0");
            answer = await cluster.ApplyAsync(ns, yaml);
        }
        return answer.Error;
    }

    /// <summary>So may a change of it.</summary>
    private async Task<string> AdmittedAsync(string ns, string yaml)
    {
        var answer = await cluster.ApplyAsync(ns, yaml);
        while (answer.ExitCode != 0 && answer.Error.Contains("the weights alone are more", StringComparison.Ordinal))
            answer = await cluster.ApplyAsync(ns, yaml);
        Assert.True(answer.ExitCode == 0, answer.Error);
        return answer.Error;
    }
}
