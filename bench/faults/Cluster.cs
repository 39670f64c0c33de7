using System.Diagnostics;
using System.Net;
using GpuMem.Api.Json;
using GpuMem.Api.TrainingJobs;
using GpuMem.Kubernetes;
using GpuMem.Kubernetes.Models;
using GpuMem.TestKit;
using k8s.Models;

namespace GpuMem.Bench.Faults;

/// <summary>An API server with GpuMem's chart and webhook; operators are started by each fault as it needs them.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    private readonly InstalledGpuMem _installed = new();

    private Cluster()
    {
    }

    public ControlPlane ControlPlane => _installed.ControlPlane;

    public Version ServerVersion => ControlPlane.ServerVersion;

    public string Administrator => ControlPlane.Kubeconfig;

    public KubernetesClient Client { get; private set; } = null!;

    public static async Task<Cluster> StartAsync()
    {
        var cluster = new Cluster();
        await cluster._installed.InitializeAsync();
        await cluster._installed.StopOperatorAsync();
        cluster.Client = NewClient(cluster.Administrator);
        return cluster;
    }

    public static KubernetesClient NewClient(string kubeconfig) =>
        new(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig), [ApiJson.Resolver]);

    public Task ApplyNodesAsync(string file) => _installed.ApplyNodesAsync(file);

    public Task DeleteNodesAsync(string file) => _installed.DeleteNodesAsync(file);

    public Task InstallAsync() => _installed.InstallAsync();

    public Task UninstallAsync() => _installed.UninstallAsync();

    /// <summary>What kubectl says to a manifest.</summary>
    public Task<(int ExitCode, string Output, string Error)> CreateAsync(string ns, string manifest, params string[] args) =>
        ControlPlane.KubectlWithInputAsync(manifest, ["create", "-n", ns, "-f", "-", .. args]);

    /// <summary>The webhook refused it, and not for want of one.</summary>
    public static bool IsDenied((int ExitCode, string Output, string Error) answer) => answer.ExitCode != 0 && answer.Error.Contains("denied the request: ", StringComparison.Ordinal);

    public static string Said((int ExitCode, string Output, string Error) answer) => answer.ExitCode == 0 ? "admitted" : answer.Error.Trim();

    public Task StopWebhookAsync() => _installed.StopWebhookAsync();

    /// <summary>The installation's own webhook beside others, to which the API server goes on talking.</summary>
    public Task StartOwnWebhookAsync() => _installed.StartWebhookAsync();

    /// <summary>The installation's own webhook again, where the configurations have been pointing from the beginning.</summary>
    public async Task StartWebhookAsync()
    {
        await _installed.StartWebhookAsync();
        await SendReviewsToAsync(_installed.WebhookPort);
    }

    /// <summary>Makes the API server call the webhook at another port of this machine.</summary>
    public async Task SendReviewsToAsync(int port)
    {
        foreach (var kind in new[] { "validatingwebhookconfiguration", "mutatingwebhookconfiguration" })
        {
            var count = (await KubectlAsync("get", kind, "gpumem", "-o", "jsonpath={.webhooks[*].name}")).Split(' ').Length;
            var patch = string.Join(',', Enumerable.Range(0, count).Select(i => $$"""{"op": "replace", "path": "/webhooks/{{i}}/clientConfig/service/port", "value": {{port}}}"""));
            await KubectlAsync("patch", kind, "gpumem", "--type=json", $"--patch=[{patch}]");
        }
        // The API server takes a moment to hear of it.
        await Task.Delay(TimeSpan.FromSeconds(2));
    }

    public Task<string> OperatorKubeconfigAsync() => _installed.OperatorKubeconfigAsync();

    public Task<string> NewNamespaceAsync() => _installed.NewNamespaceAsync();

    public Task<string> KubectlAsync(params string[] args) => _installed.KubectlAsync(args);

    /// <summary>An operator that acts, with the rights of its ServiceAccount.</summary>
    public async Task<GpuMemProcess> StartOperatorAsync(string? kubeconfig = null, params string[] args)
    {
        var started = InstalledGpuMem.NewOperator(kubeconfig ?? await OperatorKubeconfigAsync(), args);
        await started.HasLoggedAsync("Acting on TrainingJobs");
        return started;
    }

    public Task CreateJobsAsync(string ns, int count, string prefix = "job", int from = 0) =>
        Parallel.ForEachAsync(Enumerable.Range(from, count), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (index, token) =>
            await Client.CreateAsync(Example.Job($"{prefix}-{index}", Spec, ns), token));

    public async Task<int> LaunchedAsync(string ns) =>
        (await Client.ListAsync<TrainingJob>(new ListOptions(ns, ResourceVersion: "0"))).Items.Count(job => job.Status?.Phase == TrainingJobPhase.Launched);

    public async Task<int> ChildrenAsync(string ns) => (await Client.ListAsync<V1Job>(new ListOptions(ns))).Items.Count;

    /// <summary>Seconds until all jobs are launched; null when they were not in time.</summary>
    public Task<double?> AllLaunchedAsync(string ns, int count, TimeSpan patience) =>
        UntilAsync(async () => await LaunchedAsync(ns) == count, patience, TimeSpan.FromSeconds(1));

    public Task<double?> ServerIsReadyAsync() => UntilAsync(async () => (await ControlPlane.KubectlAsync("get", "--raw", "/readyz")).ExitCode == 0, TimeSpan.FromMinutes(2));

    /// <summary>Seconds until the condition holds; null when patience ends first. A server that has just started and refuses says: not yet.</summary>
    public static async Task<double?> UntilAsync(Func<Task<bool>> condition, TimeSpan patience, TimeSpan? poll = null)
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < patience)
        {
            if (await HoldsAsync(condition))
                return Math.Round(watch.Elapsed.TotalSeconds, 2);
            await Task.Delay(poll ?? Poll);
        }
        return null;
    }

    private static async Task<bool> HoldsAsync(Func<Task<bool>> condition)
    {
        try
        {
            return await condition();
        }
        catch (KubernetesException refused) when (refused.StatusCode is HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError)
        {
            return false;
        }
    }

    public static Task<double?> UntilAsync(Func<bool> condition, TimeSpan patience) =>
        UntilAsync(() => Task.FromResult(condition()), patience, TimeSpan.FromMilliseconds(20));

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _installed.DisposeAsync();
    }

    private const string Spec = """
        {"model": {"name": "meta-llama/Llama-3.1-8B"}, "training": {"sequenceLength": 8192, "recompute": "Full"},
         "placement": {"pools": ["h100"]}, "policy": {"rewrite": "Always"},
         "template": {"spec": {"containers": [{"name": "trainer", "image": "trainer:1", "command": ["torchrun", "train.py"],
           "resources": {"limits": {"nvidia.com/gpu": "1"}}}]}}}
        """;
}
