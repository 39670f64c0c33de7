using GpuMem.TestKit;

namespace GpuMem.Cluster.Tests;

/// <summary>From <c>kubectl apply</c> to a verdict.</summary>
[Collection(InstalledGpuMemCollection.Name)]
public sealed class ApplyTests(InstalledGpuMem cluster)
{
    [ClusterFact]
    public async Task A_job_that_asks_for_one_gpu_is_rewritten_to_what_it_needs_and_launched()
    {
        var ns = await cluster.NewNamespaceAsync();

        await ApplyOkAsync(ns, Manifests.Llama8B());
        await cluster.WaitForAsync(ns, "gtj/llama-8b", ".status.phase", "Launched");

        var gpus = await cluster.GetAsync(ns, "gtj/llama-8b", ".status.plan.gpusPerNode");
        Assert.Equal($"nvidia.com/gpu 1→{gpus}", await cluster.GetAsync(ns, "gtj/llama-8b", ".status.plan.rewritten"));
        Assert.Equal(gpus, await cluster.GetAsync(ns, "job/llama-8b", @".spec.template.spec.containers[0].resources.limits.nvidia\.com/gpu"));
        Assert.Equal("h100", await cluster.GetAsync(ns, "job/llama-8b", @".spec.template.spec.nodeSelector.karpenter\.sh/nodepool"));
        Assert.Equal("nlp", await cluster.GetAsync(ns, "job/llama-8b", ".spec.template.metadata.labels.team"));
        Assert.Contains("PET_NPROC_PER_NODE", await cluster.GetAsync(ns, "job/llama-8b", ".spec.template.spec.containers[0].env"));
        Assert.Equal("None", await cluster.GetAsync(ns, "service/llama-8b", ".spec.clusterIP"));
        Assert.Equal("TrainingJob llama-8b", await cluster.GetAsync(ns, "job/llama-8b", ".metadata.ownerReferences[0].kind") + " "
            + await cluster.GetAsync(ns, "job/llama-8b", ".metadata.ownerReferences[0].name"));
    }

    /// <summary>1.20 merges custom resources as if they had no schema.</summary>
    [ClusterFact(MinimumServerVersion = "1.29")]
    public async Task Each_part_of_the_status_is_one_entry_of_managedFields()
    {
        var ns = await cluster.NewNamespaceAsync();

        await ApplyOkAsync(ns, Manifests.Llama8B());
        await cluster.WaitForAsync(ns, "gtj/llama-8b", ".status.phase", "Launched");

        var job = await cluster.KubectlAsync("get", "gtj/llama-8b", "-n", ns, "-o", "yaml", "--show-managed-fields");
        Assert.All((string[])["f:model: {}", "f:estimate: {}", "f:plan: {}", "f:launched: {}", "k:{\"type\":\"Fits\"}: {}"], part => Assert.Contains(part, job));
    }

    [ClusterFact]
    public async Task A_mistake_in_the_template_is_told_in_the_status()
    {
        var ns = await cluster.NewNamespaceAsync();
        (string Name, string Right, string Wrong, string Told)[] mistakes =
        [
            ("unknown", "image:", "imgae:", "imgae"),
            ("type", "image: trainer:1", "image: 5", "image"),
            ("twice", "command:", "env: [{name: A, value: '1'}, {name: A, value: '2'}]\n        command:", "env"),
            ("value", "image: trainer:1", "image: trainer:1\n        imagePullPolicy: Sometimes", "imagePullPolicy"),
        ];
        foreach (var (name, right, wrong, _) in mistakes)
            await ApplyOkAsync(ns, Manifests.Llama8B(name).Replace(right, wrong, StringComparison.Ordinal));

        foreach (var (name, _, _, told) in mistakes)
        {
            await cluster.WaitForAsync(ns, $"gtj/{name}", ".status.phase", "Pending");
            var why = await cluster.GetAsync(ns, $"gtj/{name}", ".status.conditions[?(@.type==\"Stalled\")].message");
            Assert.Contains("refused what spec.template makes", why);
            Assert.Contains(told, why);
        }
    }

    [ClusterFact]
    public async Task Kubectl_get_shows_model_gpus_estimate_capacity_pool_verdict_and_age()
    {
        var ns = await cluster.NewNamespaceAsync();

        await ApplyOkAsync(ns, Manifests.Llama8B());
        await cluster.WaitForAsync(ns, "gtj/llama-8b", ".status.phase", "Launched");

        var lines = (await cluster.KubectlAsync("get", "trainingjobs", "-n", ns)).Split('\n');
        Assert.Equal(["NAME", "PHASE", "MODEL", "GPUS", "ESTIMATE", "CAPACITY", "POOL", "VERDICT", "AGE"], Words(lines[0]));
        Assert.Matches(@"llama-8b +Launched +meta-llama/Llama-3.1-8B +1x\d +\d+\.\dGi +\d+\.\dGi +h100 +Fits +\d+s", lines[1]);
    }

    [ClusterFact]
    public async Task The_status_says_why_a_job_does_not_fit_and_what_would_help()
    {
        var ns = await cluster.NewNamespaceAsync();

        var (exitCode, _, warnings) = await cluster.ApplyAsync(ns, Manifests.Llama70BOnSmallCards());

        Assert.Equal(0, exitCode);
        Assert.Contains("Warning: needs ", warnings);
        await cluster.WaitForAsync(ns, "gtj/llama-70b", ".status.phase", "Rejected");
        Assert.Equal("Impossible", await cluster.GetAsync(ns, "gtj/llama-70b", ".status.verdict"));
        Assert.Contains("Fix: ", await cluster.GetAsync(ns, "gtj/llama-70b", ".status.message"));
        Assert.Equal("True", await cluster.GetAsync(ns, "gtj/llama-70b", ".status.conditions[?(@.type==\"Stalled\")].status"));
        Assert.Equal("1", await cluster.GetAsync(ns, "gtj/llama-70b", ".status.observedGeneration"));
    }

    [ClusterFact]
    public async Task The_first_suggestion_typed_as_the_status_gives_it_makes_the_job_fit()
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.ApplyAsync(ns, Manifests.Llama70BOnSmallCards());
        await cluster.WaitForAsync(ns, "gtj/llama-70b", ".status.phase", "Rejected");

        var patch = await cluster.GetAsync(ns, "gtj/llama-70b", ".status.suggestions[0].patch");
        await cluster.KubectlAsync("patch", "gtj", "llama-70b", "-n", ns, "--type", "merge", "-p", patch);

        await cluster.WaitForAsync(ns, "gtj/llama-70b", ".status.phase", "Admitted");
        Assert.Equal(0, (await cluster.ApplyAsync(ns, Manifests.PodOf("llama-70b"))).ExitCode);
    }

    [ClusterFact]
    public async Task A_pool_that_is_added_changes_the_plan_of_a_job_that_found_none()
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.ApplyAsync(ns, Manifests.Llama70BOnSmallCards().Replace("[a10g]", "[a10g, h200]", StringComparison.Ordinal));
        await cluster.WaitForAsync(ns, "gtj/llama-70b", ".status.plan.pool", "a10g");
        try
        {
            await cluster.ApplyNodesAsync("h200.yaml");

            await cluster.WaitForAsync(ns, "gtj/llama-70b", ".status.plan.pool", "h200");
        }
        finally
        {
            await cluster.DeleteNodesAsync("h200.yaml");
        }
    }

    [ClusterFact]
    public async Task Pools_are_shown_with_what_their_nodes_have()
    {
        await cluster.WaitForAsync("default", "gpupool/h100", ".status.gpus", "16");

        Assert.Equal("NVIDIA-H100-80GB-HBM3", await cluster.GetAsync("default", "gpupool/h100", ".status.product"));
        Assert.Equal("FeatureDiscovery", await cluster.GetAsync("default", "gpupool/h100", ".status.source"));
    }

    private async Task ApplyOkAsync(string ns, string yaml)
    {
        var (exitCode, _, error) = await cluster.ApplyAsync(ns, yaml);
        Assert.True(exitCode == 0, error);
    }

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
