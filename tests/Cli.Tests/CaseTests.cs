namespace GpuMem.Cli.Tests;

/// <summary>Workloads and nodes as users have them, each in the file that its project's documentation would make of it.</summary>
public sealed class CaseTests
{
    private static readonly string H100 = Path.Combine(RepositoryRoot.Path, "config", "samples", "nodes", "h100.yaml");

    private static readonly string A10G = Path.Combine(RepositoryRoot.Path, "config", "samples", "nodes", "a10g.yaml");

    /// <summary>Held against the A10G nodes that stand beside it, each of these would be denied, or be given an nvidia.com/gpu that it has no use for.</summary>
    [Theory]
    [InlineData("a20-dra-claim", "what it claims is not known: no ResourceClaimTemplate one-gpu")]
    [InlineData("a31-implicit-claim", "the memory of deviceclass.resource.kubernetes.io/gpu.nvidia.com is not known")]
    [InlineData("a24-intel-xe", "the memory of gpu.intel.com/xe is not known")]
    [InlineData("a24b-gaudi", "the memory of habana.ai/gaudi is not known")]
    public async Task What_runs_on_devices_of_unknown_size_is_allowed_untouched_and_told(string workload, string told)
    {
        var run = await AdmitAsync(workload, A10G);

        Assert.Equal(0, run.Status);
        Assert.DoesNotContain("patch:", run.Output);
        Assert.Contains(told, run.Output);
    }

    /// <summary>The devices that the claim takes are those of an A100.</summary>
    [Fact]
    public async Task A_pod_that_claims_is_held_against_the_devices_of_its_claim_and_left_untouched()
    {
        var run = await AdmitAsync("a20-dra-claim", Case("a20-dra-template"), Path.Combine(RepositoryRoot.Path, "tests", "Api.Tests", "Capacity", "nodes", "b60-dra-resourceslice-nvidia.yaml"), A10G);

        Assert.Equal(2, run.Status);
        Assert.Contains("NVIDIA-A100-80GB-PCIe has 79.2 GiB", run.Output);
        Assert.DoesNotContain("patch:", run.Output);
    }

    /// <summary>The channel of a multi-node NVLink domain is no GPU: what is asked for by the resource beside it counts.</summary>
    [Fact]
    public async Task A_pod_of_a_compute_domain_is_held_against_the_GPUs_that_it_asks_for()
    {
        var run = await AdmitAsync("a38-compute-domain", A10G);

        Assert.Equal(2, run.Status);
        Assert.Contains("It counts the 4 GPUs that the workload starts", run.Output);
    }

    /// <summary>The card has more than twice that: what the pod may have of it counts.</summary>
    [Theory]
    [InlineData("a25c-hami-gpumem-only")]
    [InlineData("a25-hami-gpumem")]
    public async Task A_part_of_a_GPU_is_all_that_the_pod_is_held_against(string workload)
    {
        var run = await AdmitAsync(workload, A10G);

        Assert.Equal(2, run.Status);
        Assert.DoesNotContain("patch:", run.Output);
        Assert.Contains("NVIDIA-A10G has 9.8 GiB", run.Output);
    }

    [Theory]
    [InlineData("a03-mpijob-launcher")]
    [InlineData("a06-ray-head")]
    [InlineData("a10-argo-cpu-step")]
    public async Task A_part_of_a_workload_that_asks_for_no_GPU_is_allowed_without_a_word(string workload) =>
        Assert.Matches("^pod/[a-z-]+: allowed\n$", (await AdmitAsync(workload, A10G)).Output);

    [Fact]
    public async Task A_part_of_a_workload_that_asks_for_one_is_judged() => Assert.Equal(2, (await AdmitAsync("a03b-mpijob-worker-targetref", A10G)).Status);

    /// <summary>Two and more owners lie between the pod and what is described.</summary>
    [Theory]
    [InlineData("a01-trainjob-targetref-trainjob", 0, "warning: needs 71.")]
    [InlineData("a04-jobset-targetref", 2, "denied")]
    [InlineData("a06-rayjob-targetref", 2, "denied")]
    [InlineData("a07-kserve-targetref", 2, "denied")]
    public async Task A_pod_is_judged_by_what_describes_the_workload_at_the_top(string workload, int status, string says)
    {
        var run = await AdmitAsync(workload, H100);

        Assert.Equal(status, run.Status);
        Assert.Contains(says, run.Output);
    }

    [Fact]
    public async Task A_pod_of_a_Job_that_is_alone_is_not_taken_for_one_of_many()
    {
        var run = await AdmitAsync("a05-kueue-job-1replica-auto", A10G);

        Assert.Equal(2, run.Status);
        Assert.Contains("It assumes 1 pod of 1 GPU", run.Output);
    }

    [Fact]
    public async Task Processes_that_torchrun_starts_share_the_model() => Assert.Contains("warning: needs 25.7 GiB per GPU", (await AdmitAsync("a12-torchrun-8proc-1gpu", A10G)).Output);

    [Theory]
    [InlineData("a40-deployment", "deployment/vllm: allowed")]
    [InlineData("a41-job", "no TrainingJob 'ft8b' in this namespace")]
    public async Task What_makes_pods_is_read_as_it_is_applied(string workload, string says)
    {
        var run = await AdmitAsync(workload, H100);

        Assert.Equal(0, run.Status);
        Assert.Contains(says, run.Output);
    }

    [Theory]
    [InlineData("c1-pod-affinity-gt")]
    [InlineData("c2-pod-affinity-in")]
    public async Task A_GPU_that_only_a_new_node_can_have_is_not_known(string pod)
    {
        var run = await AdmitAsync(pod, Case("c1-karpenter-l4-node"));

        Assert.Equal(0, run.Status);
        Assert.Contains("no node of gpu is what the pod asks for, and the GPU of a new one is not known", run.Output);
    }

    [Fact]
    public async Task A_selector_for_such_a_GPU_is_allowed_too() => Assert.Equal(0, (await AdmitAsync("c3-pod-nodeselector", Case("c1-karpenter-l4-node"))).Status);

    [Fact]
    public async Task The_GPU_of_the_nodes_there_are_counts_where_the_pod_takes_any() =>
        Assert.Equal(2, (await AdmitAsync("c9-pod-unconstrained", Case("c1-karpenter-l4-node"))).Status);

    [Theory]
    [InlineData("a23-amd", "b30-amd-mi300x", "c5-gpupool-amd", 0)]
    [InlineData("c9-pod-unconstrained", "b40-gke-l4", "c7-gpupool-gke-NVIDIA-L4", 2)]
    public async Task A_declared_product_counts_where_the_node_says_nothing(string pod, string node, string pool, int status)
    {
        var run = await AdmitAsync(pod, Case(node), Case(pool));

        Assert.Equal(status, run.Status);
        Assert.DoesNotContain("not known", run.Output);
    }

    private static Task<Run> AdmitAsync(string workload, params string[] nodes) =>
        Run.Of(["admit", "-f", Case(workload), .. nodes.SelectMany(path => new[] { "--nodes", path })]);

    private static string Case(string name) => Path.Combine(RepositoryRoot.Path, "tests", "Cli.Tests", "Cases", name + ".yaml");
}
