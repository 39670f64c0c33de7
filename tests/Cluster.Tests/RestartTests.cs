using GpuMem.TestKit;

namespace GpuMem.Cluster.Tests;

/// <summary>The operator may die between any two steps.</summary>
[Collection(InstalledGpuMemCollection.Name)]
public sealed class RestartTests(InstalledGpuMem cluster)
{
    private const int Jobs = 12;

    [ClusterFact]
    public async Task Killed_in_the_middle_and_started_again_it_ends_where_an_undisturbed_one_ends()
    {
        var undisturbed = await cluster.NewNamespaceAsync();
        await ApplyAllAsync(undisturbed);
        await AllLaunchedAsync(undisturbed);

        var disturbed = await cluster.NewNamespaceAsync();
        await ApplyAllAsync(disturbed);
        await cluster.KubectlAsync("wait", "-n", disturbed, "gtj/job-0", "--for=jsonpath={.status.verdict}=Fits", "--timeout=60s");
        await cluster.StopOperatorAsync();
        await cluster.StartOperatorAsync();
        await AllLaunchedAsync(disturbed);

        Assert.Equal(await StateAsync(undisturbed), await StateAsync(disturbed));
    }

    [ClusterFact]
    public async Task A_restart_writes_nothing_when_nothing_changed()
    {
        var ns = await cluster.NewNamespaceAsync();
        await ApplyAllAsync(ns);
        await AllLaunchedAsync(ns);
        var before = await VersionsAsync(ns);

        await cluster.StopOperatorAsync();
        await cluster.StartOperatorAsync();
        // A job created after the restart is reconciled after those that were there before.
        await cluster.ApplyAsync(ns, Manifests.Llama8B("later"));
        await cluster.WaitForAsync(ns, "gtj/later", ".status.phase", "Launched");

        Assert.Equal(before, (await VersionsAsync(ns)).Where(version => !version.StartsWith("later ", StringComparison.Ordinal)));
    }

    [ClusterFact]
    public async Task A_job_of_somebody_else_with_the_same_name_is_left_alone()
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.KubectlAsync("create", "job", "taken", "-n", ns, "--image=other:1");

        await cluster.ApplyAsync(ns, Manifests.Llama8B("taken"));
        await cluster.WaitForAsync(ns, "gtj/taken", ".status.phase", "Pending");

        Assert.Contains("NameTaken", await cluster.GetAsync(ns, "gtj/taken", ".status.conditions[*].reason"));
        Assert.Equal("other:1", await cluster.GetAsync(ns, "job/taken", ".spec.template.spec.containers[0].image"));
        Assert.Equal("", await cluster.GetAsync(ns, "job/taken", ".metadata.ownerReferences"));
    }

    private async Task ApplyAllAsync(string ns)
    {
        var (exitCode, _, error) = await cluster.ApplyAsync(ns, string.Join("\n---\n", Enumerable.Range(0, Jobs).Select(i => Manifests.Llama8B($"job-{i}"))));
        Assert.True(exitCode == 0, error);
    }

    private Task<string> AllLaunchedAsync(string ns) =>
        cluster.KubectlAsync(["wait", "-n", ns, .. Enumerable.Range(0, Jobs).Select(i => $"gtj/job-{i}"), "--for=jsonpath={.status.phase}=Launched", "--timeout=60s"]);

    /// <summary>Everything but identities and times.</summary>
    private async Task<string> StateAsync(string ns)
    {
        var children = await cluster.KubectlAsync("get", "jobs,services", "-n", ns, "-o", "jsonpath={range .items[*]}{.kind} {.metadata.name} {.spec.completions} {.metadata.annotations} {.metadata.ownerReferences[*].name}{\"\\n\"}{end}");
        var jobs = await cluster.KubectlAsync("get", "gtj", "-n", ns, "-o", "jsonpath={range .items[*]}{.metadata.name} {.status.phase} {.status.verdict} {.status.plan} {.status.launched} {.status.conditions[*].type}{\"\\n\"}{end}");
        return children + jobs;
    }

    private async Task<string[]> VersionsAsync(string ns) =>
        (await cluster.KubectlAsync("get", "gtj,jobs,services", "-n", ns, "-o", "jsonpath={range .items[*]}{.metadata.name} {.kind} {.metadata.resourceVersion}{\"\\n\"}{end}"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
