using System.Text.Json.Nodes;
using GpuMem.TestKit;

namespace GpuMem.Cluster.Tests;

/// <summary>What <c>kubectl gpumem</c> says of a cluster's own objects.</summary>
[Collection(InstalledGpuMemCollection.Name)]
public sealed class LiveCommandTests(InstalledGpuMem cluster)
{
    [ClusterFact]
    public async Task Pools_that_are_watched_are_told_again_when_there_are_others()
    {
        await using var watching = GpuMemProcess.Start("pools", "--watch", "--kubeconfig", cluster.ControlPlane.Kubeconfig);
        await watching.HasLoggedAsync("h100");
        try
        {
            await cluster.ApplyAsync("default", """
                apiVersion: gpumem.io/v1alpha1
                kind: GpuPool
                metadata: {name: came-later}
                spec: {product: NVIDIA-B200, gpusPerNode: 8, maxNodes: 1}
                """);

            await watching.HasLoggedAsync("came-later");
        }
        finally
        {
            await cluster.KubectlAsync("delete", "gpupool", "came-later");
        }
    }

    [ClusterFact]
    public async Task A_TrainingJob_is_explained_term_by_term_with_the_commands_that_would_make_it_fit_and_its_events()
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.ApplyAsync(ns, Manifests.Llama70BOnSmallCards());
        await cluster.WaitForAsync(ns, "trainingjob/llama-70b", ".status.verdict", "Impossible");

        var (exitCode, output, error) = await RunAsync("explain", "trainingjob/llama-70b", "-n", ns);

        Assert.True(exitCode == 2, error);
        Assert.StartsWith($"trainingjob/llama-70b in namespace {ns}: Impossible", output);
        Assert.Contains("\nweights: 131.4", output);
        Assert.Contains("\nWhat would make it fit:", output);
        var patch = output.Split('\n').First(line => line.Contains("kubectl patch trainingjob llama-70b", StringComparison.Ordinal)).Trim();
        await cluster.KubectlAsync("patch", "trainingjob", "llama-70b", "-n", ns, "--type=merge", "-p", patch[(patch.IndexOf('\'', StringComparison.Ordinal) + 1)..^1]);
        await cluster.WaitForAsync(ns, "trainingjob/llama-70b", ".status.verdict", "Fits");
        Assert.Contains("\nEvents:", (await RunAsync("explain", "gtj/llama-70b", "-n", ns)).Output);
    }

    [ClusterFact]
    public async Task A_pod_is_explained_by_what_describes_the_workload_that_made_it()
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.KubectlAsync("label", "namespace", ns, "gpumem.io/mode=Warn");
        await cluster.ApplyAsync(ns, $"{Manifests.Llama70BOnSmallCards()}\n  targetRef: {{apiVersion: batch/v1, kind: Job, name: train}}");
        await cluster.ApplyAsync(ns, """
            apiVersion: batch/v1
            kind: Job
            metadata: {name: train}
            spec: {template: {spec: {restartPolicy: Never, containers: [{name: main, image: x, resources: {limits: {nvidia.com/gpu: "4"}}}]}}}
            """);
        var uid = await cluster.GetAsync(ns, "job/train", ".metadata.uid");
        await cluster.ApplyAsync(ns, """
            apiVersion: v1
            kind: Pod
            metadata: {name: train-x, ownerReferences: [{apiVersion: batch/v1, kind: Job, name: train, uid: UID, controller: true}]}
            spec: {containers: [{name: main, image: x, resources: {limits: {nvidia.com/gpu: "4"}}}]}
            """.Replace("UID", uid, StringComparison.Ordinal));

        var (_, ofJob, _) = await RunAsync("explain", "job/train", "-n", ns);
        var (_, ofPod, error) = await RunAsync("explain", "pod/train-x", "-n", ns);

        Assert.True(ofPod.Length > 0, error);
        Assert.StartsWith($"pod/train-x in namespace {ns}: would be admitted\n", ofPod);
        Assert.Contains("Made by job/train", ofPod);
        Assert.All([ofJob, ofPod], text => Assert.Contains("Described by trainingjob/llama-70b:", text));
        Assert.All([ofJob, ofPod], text => Assert.Contains("\nweights: 131.4", text));

        // What is done in the whole cluster stands in the webhook's flags, which nobody can ask for.
        await cluster.KubectlAsync("label", "namespace", ns, "gpumem.io/mode-");
        Assert.StartsWith($"pod/train-x in namespace {ns}: would be refused where that is enforced", (await RunAsync("explain", "pod/train-x", "-n", ns)).Output);
    }

    [ClusterFact]
    public async Task What_is_explained_to_people_is_explained_to_machines()
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.KubectlAsync("label", "namespace", ns, "gpumem.io/mode=Warn");
        await cluster.ApplyAsync(ns, $"{Manifests.Llama70BOnSmallCards()}\n  targetRef: {{apiVersion: batch/v1, kind: Job, name: train}}");
        await cluster.WaitForAsync(ns, "trainingjob/llama-70b", ".status.verdict", "Impossible");
        await cluster.ApplyAsync(ns, """
            apiVersion: batch/v1
            kind: Job
            metadata: {name: train}
            spec: {template: {spec: {restartPolicy: Never, containers: [{name: main, image: x, resources: {limits: {nvidia.com/gpu: "4"}}}]}}}
            """);

        var (exitCode, output, error) = await RunAsync("explain", "trainingjob/llama-70b", "-n", ns, "-o", "json");
        Assert.True(exitCode == 2, error);
        var job = JsonNode.Parse(output)!;
        Assert.Equal(("trainingjob/llama-70b", ns, "Impossible", "Warn"), ((string?)job["name"], (string?)job["namespace"], (string?)job["verdict"], (string?)job["mode"]));
        Assert.Contains(job["estimate"]!["terms"]!.AsArray(), term => (string?)term!["name"] == "Weights" && (string?)term["source"] is { Length: > 0 });
        Assert.Contains(job["candidates"]!.AsArray(), candidate => (long?)candidate!["shortBytes"] > 0);
        var (_, text, _) = await RunAsync("explain", "trainingjob/llama-70b", "-n", ns);
        Assert.All(job["suggestions"]!.AsArray(), fix => Assert.Contains((string)fix!["command"]!, text, StringComparison.Ordinal));
        Assert.All(job["events"]!.AsArray(), one => Assert.Contains((string)one!["reason"]!, text, StringComparison.Ordinal));
        Assert.NotEmpty(job["events"]!.AsArray());

        var ofJob = JsonNode.Parse((await RunAsync("explain", "job/train", "-n", ns, "-o", "json")).Output)!;
        Assert.Equal((true, "trainingjob/llama-70b"), ((bool?)ofJob["allowed"], (string?)ofJob["describedBy"]));
        Assert.Contains("kubectl patch trainingjob llama-70b", (await RunAsync("explain", "job/train", "-n", ns, "-o", "wide")).Output, StringComparison.Ordinal);
        Assert.StartsWith($"name: job/train\nnamespace: {ns}\nallowed: true\n", (await RunAsync("explain", "job/train", "-n", ns, "-o", "yaml")).Output);
    }

    [ClusterFact]
    public async Task What_is_not_there_and_what_is_no_name_is_said()
    {
        var ns = await cluster.NewNamespaceAsync();
        Assert.Contains($"there is no TrainingJob 'none' in namespace {ns}", (await RunAsync("explain", "trainingjob/none", "-n", ns)).Error);
        Assert.Contains("say TYPE/NAME", (await RunAsync("explain", "none", "-n", ns)).Error);
        Assert.Contains("secret is nothing that makes pods with GPUs", (await RunAsync("explain", "secret/x", "-n", ns)).Error);
    }

    [ClusterFact]
    public async Task Top_shows_what_is_needed_and_what_is_taken()
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.ApplyAsync(ns, Manifests.Llama8B());
        await cluster.WaitForAsync(ns, "trainingjob/llama-8b", ".status.verdict", "Fits");

        var (exitCode, output, error) = await RunAsync("top", "-n", ns);
        Assert.True(exitCode == 0, error);
        Assert.Matches(@"trainingjob/llama-8b +4 +h100 +\d+\.\d GiB +\d+\.\d GiB +\d+ % +Fits", output);

        var row = JsonNode.Parse((await RunAsync("top", "-n", ns, "-o", "json")).Output)!.AsArray().Single()!;
        Assert.Equal((long)row["takenBytes"]! - (long)row["neededBytes"]!, (long)row["unusedBytes"]!);
    }

    [ClusterFact]
    public async Task What_Prometheus_saw_stands_beside_what_was_estimated()
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.ApplyAsync(ns, Manifests.Llama8B());
        await cluster.WaitForAsync(ns, "trainingjob/llama-8b", ".status.verdict", "Fits");
        await cluster.ApplyAsync(ns, """
            apiVersion: v1
            kind: Pod
            metadata: {name: llama-0, labels: {gpumem.io/training-job: llama-8b}}
            spec: {containers: [{name: trainer, image: trainer, resources: {limits: {nvidia.com/gpu: 4}}}]}
            """);
        await using var prometheus = await PrometheusAnswer.ServeAsync(ns, "llama-0");

        var row = JsonNode.Parse((await RunAsync("top", "-n", ns, "--prometheus", prometheus.Url, "-o", "json")).Output)!.AsArray().Single()!;

        Assert.Equal(61234L << 20, (long)row["observedBytesPerGpu"]!);
        Assert.Equal(4 * (61234L << 20), (long)row["observedBytes"]!);
        Assert.Equal((long)row["takenBytes"]! - Math.Max((long)row["neededBytes"]!, (long)row["observedBytes"]!), (long)row["unusedBytes"]!);
        Assert.Contains("OBSERVED", (await RunAsync("top", "-n", ns, "--prometheus", prometheus.Url)).Output);
        foreach (var asked in new[] { "trainingjob/llama-8b", "pod/llama-0" })
        {
            Assert.Contains("Observed: 59.8 GiB at most on its fullest GPU in the last 2h", (await RunAsync("explain", asked, "-n", ns, "--prometheus", prometheus.Url, "--over", "2h")).Output);
            Assert.Equal(61234L << 20, (long)JsonNode.Parse((await RunAsync("explain", asked, "-n", ns, "--prometheus", prometheus.Url, "-o", "json")).Output)!["observedBytesPerGpu"]!);
        }
    }

    private Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] args) =>
        Script.RunAsync(GpuMemExecutable.Program, GpuMemExecutable.Arguments([.. args, "--kubeconfig", cluster.ControlPlane.Kubeconfig]));
}
