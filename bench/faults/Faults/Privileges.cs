using System.Text.Json;
using GpuMem.Api.Workloads;
using GpuMem.Bench.Common;
using GpuMem.TestKit;
using GpuMem.TestKit.Faults;

namespace GpuMem.Bench.Faults.Faults;

/// <summary>What the two processes may do, and what they do.</summary>
internal sealed class Privileges(string id, string expected, Func<Cluster, Task<Observation>> observe) : IFault
{
    private const int Jobs = 20;

    private const string NodesForAWhile = "a100-80.yaml";

    /// <summary>What is granted for a moment that does not come in the minute that is watched.</summary>
    private static readonly Dictionary<string, string> Seldom = new()
    {
        ["operator: update trainingjobs/finalizers"] = "no request: it lets children name their owner with blockOwnerDeletion",
        ["operator: update modelservers/finalizers"] = "the same",
        ["operator: create resourceclaimtemplates"] = "a job or a server on GPUs that only a driver offers",
        ["operator: patch resourceclaimtemplates"] = "the same",
        ["operator: create leaderworkersets"] = "a server whose replicas take several nodes",
        ["operator: patch leaderworkersets"] = "the same",
        ["operator: patch events"] = "an event that is repeated",
        ["webhook: patch secrets"] = "a certificate that is renewed",
    };

    public static IReadOnlyList<Privileges> All { get; } =
    [
        new("C85", "operator and webhook talk to nobody but the API server", EgressAsync),
        new("C86", "while they plan, launch and decide, nothing that they ask is refused, and of what they are granted nothing goes unused but for what seldom comes", RightsAsync),
        new("C87", "the chart's pods are what Pod Security calls restricted", RestrictedAsync),
        new("C88", "10,000 names seen: as many series in /metrics as before", SeriesAsync),
    ];

    public string Id => id;

    public string Expected => expected;

    public Task<Observation> RunAsync(Cluster cluster) => observe(cluster);

    private static async Task<Observation> EgressAsync(Cluster cluster)
    {
        await using var replicas = await WebhookReplicas.StartAsync(cluster, 1);
        await using var process = await cluster.StartOperatorAsync();
        var server = Kubeconfigs.PortOf(cluster.Administrator);
        HashSet<string> peers = [];
        using var end = new CancellationTokenSource();
        var watching = Task.Run(async () =>
        {
            while (!end.IsCancellationRequested)
            {
                peers.UnionWith(Sockets.Peers(process.Id, []));
                peers.UnionWith(Sockets.Peers(replicas.Processes[0].Id, [replicas.Ports[0], replicas.HealthPorts[0]]));
                await Task.Delay(5, CancellationToken.None);
            }
        });
        await WorkAsync(cluster);
        await end.CancelAsync();
        await watching;
        return new Observation(peers.SetEquals([$"127.0.0.1:{server}"]), $"the API server is 127.0.0.1:{server}; connected to: {string.Join(", ", peers)}");
    }

    private static async Task<Observation> RightsAsync(Cluster cluster)
    {
        await using var proxy = await HttpFaultProxy.StartAsync(cluster.Administrator);
        List<string> unused = [];
        List<string> used = [];
        foreach (var account in new[] { "operator", "webhook" })
        {
            var kubeconfig = await Kubeconfigs.ThroughAsync(proxy, await cluster.ControlPlane.KubeconfigForAsync(InstalledGpuMem.Namespace, $"gpumem-{account}"));
            var from = proxy.Calls.Count;
            if (account == "webhook")
            {
                // So that there is a certificate to make.
                await cluster.StopWebhookAsync();
                await cluster.KubectlAsync("delete", "secret", "gpumem-webhook-certs", "-n", InstalledGpuMem.Namespace);
            }
            IAsyncDisposable process = account == "operator" ? await cluster.StartOperatorAsync(kubeconfig, "--leader-elect") : await WebhookReplicas.StartAsync(cluster, kubeconfig, 1);
            await using (process)
                await WorkAsync(cluster);
            var asked = proxy.Calls.Skip(from).Where(call => call.Resource.Length > 0).Select(call => $"{Verb(call)} {call.Resource}").ToHashSet();
            // Servers that do not stream lists are asked for them; and server-side apply creates what is not there.
            asked.UnionWith([.. asked.Where(one => one.StartsWith("watch ", StringComparison.Ordinal)).Select(one => $"list {one[6..]}"), .. asked.Where(one => one.StartsWith("patch ", StringComparison.Ordinal)).Select(one => $"create {one[6..]}")]);
            used.AddRange(asked.Select(one => $"{account}: {one}"));
            unused.AddRange((await GrantedAsync(cluster, account)).Except(asked).Select(one => $"{account}: {one}").Where(one => !Seldom.ContainsKey(one) && !IsForTargets(one)));
        }
        return new Observation(unused.Count == 0, unused.Count == 0 ? $"{used.Count} rights, all used" : $"unused: {string.Join(", ", unused)}");
    }

    /// <summary>A targetRef may name any kind that makes pods, and what others made of it.</summary>
    private static bool IsForTargets(string right) =>
        WorkloadKinds.All.Select(kind => kind.Plural).Append("replicasets").Any(plural => right == $"operator: get {plural}" || right == $"webhook: list {plural}" || right == $"webhook: watch {plural}");

    private static string Verb(ApiCall call) => call switch
    {
        { IsWatch: true } => "watch",
        { Method: "GET" } when HasName(call) => "get",
        { Method: "GET" } => "list",
        { Method: "POST" } => "create",
        { Method: "PUT" } => "update",
        var other => other.Method.ToLowerInvariant(),
    };

    private static bool HasName(ApiCall call) => !call.Path.EndsWith($"/{call.Resource}", StringComparison.Ordinal);

    private static async Task<HashSet<string>> GrantedAsync(Cluster cluster, string account)
    {
        HashSet<string> granted = [];
        foreach (var role in new string[][] { ["clusterrole", $"gpumem-{account}"], ["role", $"gpumem-{account}", "-n", InstalledGpuMem.Namespace] })
            foreach (var rule in JsonDocument.Parse(await cluster.KubectlAsync(["get", .. role, "-o", "json"])).RootElement.GetProperty("rules").EnumerateArray())
                foreach (var resource in rule.GetProperty("resources").EnumerateArray())
                    foreach (var verb in rule.GetProperty("verbs").EnumerateArray())
                        granted.Add($"{verb} {resource}");
        return granted;
    }

    private static async Task<Observation> RestrictedAsync(Cluster cluster)
    {
        if (cluster.ServerVersion < new Version(1, 25))
            return new Observation(false, $"{cluster.ServerVersion} has no Pod Security; this takes 1.25");
        var ns = await cluster.NewNamespaceAsync();
        await cluster.KubectlAsync("label", "namespace", ns, "pod-security.kubernetes.io/warn=restricted", "pod-security.kubernetes.io/enforce=restricted");
        var (_, manifests, _) = await Script.RunAsync(await ClientTool.PathAsync("helm"), ["template", "gpumem", Path.Combine(RepositoryRoot.Path, "charts", "gpumem"), "-n", ns]);
        var deployments = string.Join("\n---\n", manifests.Split("\n---\n").Where(one => one.Contains("kind: Deployment\n", StringComparison.Ordinal)));
        var answer = await cluster.CreateAsync(ns, deployments, "--dry-run=server");
        // Beside them one that is not, to see that it would be said.
        var other = await cluster.CreateAsync(ns, """{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}""", "--dry-run=server");
        return new Observation(
            answer.ExitCode == 0 && answer.Error.Length == 0 && answer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length == 2 && other.ExitCode != 0,
            $"{answer.Output.Trim().ReplaceLineEndings(", ")}{(answer.Error.Length == 0 ? " without a warning" : $": {answer.Error.Trim()}")}; another pod is refused: {other.ExitCode != 0}");
    }

    private static async Task<Observation> SeriesAsync(Cluster cluster)
    {
        await using var replicas = await WebhookReplicas.StartAsync(cluster, 1);
        using var metrics = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{replicas.HealthPorts[0]}") };
        async Task<int> SeriesAsync() => (await metrics.GetStringAsync(new Uri("/metrics", UriKind.Relative))).Split('\n').Count(line => line.Length > 0 && line[0] != '#');
        async Task AskAsync(int count, string prefix)
        {
            using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true };
            using var http = new HttpClient(handler) { BaseAddress = new Uri($"https://127.0.0.1:{replicas.Ports[0]}") };
            await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, token) =>
            {
                using var body = new StringContent(Review($"{prefix}-{i}"), System.Text.Encoding.UTF8, "application/json");
                using var answer = await http.PostAsync(new Uri(i % 2 == 0 ? "/mutate-pod" : "/validate-pod", UriKind.Relative), body, token);
                answer.EnsureSuccessStatusCode();
            });
        }
        await AskAsync(10, "first");
        var before = await SeriesAsync();
        await AskAsync(10_000, "later");
        var after = await SeriesAsync();
        return new Observation(before > 0 && after == before, $"{before} series before, {after} after");
    }

    private static string Review(string name) => $$"""
        {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": "{{name}}", "operation": "CREATE", "namespace": "ns-{{name}}", "userInfo": {"username": "user-{{name}}"},
         "kind": {"group": "", "version": "v1", "kind": "Pod"}, "resource": {"group": "", "version": "v1", "resource": "pods"},
         "object": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "{{name}}", "labels": {"gpumem.io/training-job": "job-{{name}}"} },
           "spec": {"containers": [{"name": "c-{{name}}", "image": "i", "resources": {"limits": {"nvidia.com/gpu": "1"} } }]} } } }
        """;

    /// <summary>Something of everything: jobs that are launched, one that does not fit, pools that come and go, pods that are judged, a server, a model in a ConfigMap.</summary>
    private static async Task WorkAsync(Cluster cluster)
    {
        var ns = await EnforcedNamespace.NewAsync(cluster);
        await cluster.CreateJobsAsync(ns, Jobs);
        for (var i = 0; i < Jobs; i++)
            await cluster.CreateAsync(ns, EnforcedNamespace.Pod(i % 2 == 0 ? EnforcedNamespace.Fits : EnforcedNamespace.TooLarge, $"p-{i}", gpus: 8));
        await cluster.ControlPlane.ApplyAsync(await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, "config", "samples", "servers", "llama-70b.yaml")), "--namespace", ns);
        await cluster.KubectlAsync("create", "configmap", "model", "-n", ns, """--from-literal=config.json={"model_type": "llama", "hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32, "intermediate_size": 11008, "vocab_size": 32000}""");
        await cluster.ControlPlane.ApplyAsync("""
            {"apiVersion": "gpumem.io/v1alpha1", "kind": "TrainingJob", "metadata": {"name": "by-config-map"}, "spec": {"model": {"configMapKeyRef": {"name": "model", "key": "config.json"}}, "training": {"sequenceLength": 2048}}}
            """, "--namespace", ns);
        await cluster.ApplyNodesAsync(NodesForAWhile);
        await Task.Delay(TimeSpan.FromSeconds(5));
        await cluster.DeleteNodesAsync(NodesForAWhile);
        await Task.Delay(TimeSpan.FromSeconds(10));
    }
}
