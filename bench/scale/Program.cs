using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using GpuMem.Bench.Common;
using GpuMem.Bench.Scale;
using GpuMem.TestKit;

var size = new Dictionary<string, int> { ["--nodes"] = 5_000, ["--pods"] = 50_000, ["--jobs"] = 10_000 };
for (var i = 0; i + 1 < args.Length; i += 2)
    size[size.ContainsKey(args[i]) ? args[i] : throw new ArgumentException($"unknown option {args[i]}")] = int.Parse(args[i + 1], CultureInfo.InvariantCulture);
var (nodes, pods, jobs) = (size["--nodes"], size["--pods"], size["--jobs"]);

void Say(string text) => Console.Error.WriteLine(text);

Say("starting a control plane");
var controlPlane = new ControlPlane();
await controlPlane.InitializeAsync();
var folder = Path.GetDirectoryName(controlPlane.Kubeconfig)!;
Usage Server(string name) => new(int.Parse(File.ReadAllText(Path.Combine(folder, $"{name}.pid")), CultureInfo.InvariantCulture));
var (apiServer, etcd) = (Server("kube-apiserver"), Server("etcd"));
// An API server that is older than CEL rules drops them; kubectl alone would refuse them.
await MustAsync("create", "--validate=false", "-f", Path.Combine(RepositoryRoot.Path, "config", "crd"));
await MustAsync("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s");

var folderOfLogs = Path.Combine(RepositoryRoot.Path, "artifacts");
var log = Path.Combine(folderOfLogs, "bench-scale-operator.log");
var webhookLog = Path.Combine(folderOfLogs, "bench-scale-webhook.log");
File.Delete(log);
File.Delete(webhookLog);
var report = new Report();
var settle = TimeSpan.FromSeconds(8);
// The native executable has bounds of its own: a JIT and the framework beside it have their price.
var native = GpuMemExecutable.IsNamed;

// E5c: a cluster with nothing in it; the second start, because the first makes the certificate that all later ones find.
for (var start = 1; start <= 2; start++)
{
    using var webhook = MeasuredProcess.Start("webhook", controlPlane.Kubeconfig, webhookLog);
    await webhook.ReadyAsync();
    if (start == 2)
        report.AtMost("E5c", "webhook, start to ready in an empty cluster", native ? 0.35 : 3, webhook.Age.TotalSeconds, "s", digits: 2);
}

using var api = await RawApi.ConnectAsync(controlPlane.Kubeconfig);
var nodeBodies = Bodies.Nodes();
await Crowd.CreateAsync(api, "nodes", "/api/v1/nodes", nodes, number => nodeBodies[number % nodeBodies.Length].Of(number));
// Every tenth pod holds a GPU; the bodies of those differ in their node.
await Crowd.CreateAsync(api, "pods", "/api/v1/namespaces/default/pods", pods,
    number => (number % 10 == 0 ? Bodies.GpuPod(number / 10 % nodes) : Bodies.CpuPod).Of(number));
var (nodeBytes, podBytes) = ((await api.GetAsync("/api/v1/nodes/scale-node-0")).Length, (await api.GetAsync("/api/v1/namespaces/default/pods/scale-pod-0")).Length);
Say($"a node has {nodeBytes / 1000.0:0.0} KB, a pod {podBytes / 1000.0:0.0} KB");

// E5c, E4b: the webhook follows nodes, and no pods.
using (var webhook = MeasuredProcess.Start("webhook", controlPlane.Kubeconfig, webhookLog))
{
    await webhook.ReadyAsync();
    report.AtMost("E5c", "webhook, start to ready", 30, webhook.Age.TotalSeconds, "s");
    report.AtMost("E5c", "webhook, own CPU to ready", 10, webhook.Usage.CpuSeconds, "s");
    await Task.Delay(settle);
    report.AtMost("E4b", "webhook, RSS settled", native ? 60 : 200, webhook.Usage.ResidentMiB, "MiB");
    report.AtMost("E4b", "webhook, RSS peak", native ? 110 : 300, webhook.Usage.PeakMiB, "MiB");
}

// E5b, E4: start, and what is kept.
var servedBefore = apiServer.CpuSeconds;
var process = MeasuredProcess.Start("operator", controlPlane.Kubeconfig, log);
await process.ReadyAsync();
report.AtMost("E5b", "start to ready", 30, process.Age.TotalSeconds, "s");
report.AtMost("E5b", "own CPU to ready", 10, process.Usage.CpuSeconds, "s");
var serverCpuToReady = apiServer.CpuSeconds - servedBefore;
await Task.Delay(settle);
report.AtMost("E4", "RSS settled", native ? 90 : 200, process.Usage.ResidentMiB, "MiB");
report.AtMost("E4", "RSS peak", native ? 170 : 300, process.Usage.PeakMiB, "MiB");

// E6, E6b: all jobs at once.
var watch = new JobWatch(api);
using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(20));
var done = watch.UntilDoneAsync(await Versions.NowAsync(api), 0, jobs, patience.Token);
process.Usage.ForgetPeak();
var (clock, cpu, serverCpu, etcdCpu) = (Stopwatch.StartNew(), process.Usage.CpuSeconds, apiServer.CpuSeconds, etcd.CpuSeconds);
using (new Timer(_ => Say($"  {watch.Done}/{jobs} jobs have a phase after {clock.Elapsed.TotalSeconds:0} s"), null, 5_000, 5_000))
{
    await Crowd.CreateAsync(api, "jobs", JobWatch.Jobs, jobs, number => Bodies.Jobs[number % Bodies.Jobs.Length].Of(number));
    await done;
}
var seconds = clock.Elapsed.TotalSeconds;
(cpu, serverCpu, etcdCpu) = ((process.Usage.CpuSeconds - cpu) / seconds, (apiServer.CpuSeconds - serverCpu) / seconds, (etcd.CpuSeconds - etcdCpu) / seconds);
await Task.Delay(settle);
var before = await Versions.ReadAsync(api);
var children = before.Keys.Count(key => key.Contains($"/jobs/{Bodies.JobPrefix}", StringComparison.Ordinal));
var events = before.Keys.Count(key => key.Contains($"/events/{Bodies.JobPrefix}", StringComparison.Ordinal));
// Its creation, Service and Job, its statuses, its events.
var writes = jobs + 2 * children + watch.StatusWrites + events;
report.AtLeast("E6", $"{jobs} jobs created at once, all with status and child", 55, jobs / seconds, "jobs/s");
report.AtLeast("E6", "jobs with a child", jobs, children, "jobs");
report.AtMost("E6b", "RSS peak meanwhile", native ? 170 : 250, process.Usage.PeakMiB, "MiB");
report.AtMost("E6b", "mean CPU meanwhile", 600, 1000 * cpu, "mCPU");

// E6c: a restart finds nothing to do. A job created afterwards queues behind all others, so its phase says that they have been seen to.
process.Dispose();
before = await Versions.ReadAsync(api);
process = MeasuredProcess.Start("operator", controlPlane.Kubeconfig, log);
await process.ReadyAsync();
// Ready is said just before the queue is filled from the caches.
await Task.Delay(TimeSpan.FromSeconds(1));
var marker = new JobWatch(api);
var seen = marker.UntilDoneAsync(await Versions.NowAsync(api), jobs, 1, patience.Token);
await api.CreateAsync(JobWatch.Jobs, Bodies.Jobs[0].Of(jobs));
await seen;
report.AtMost("E6c", "restart until all were reconciled", 10, process.Age.TotalSeconds, "s");
report.AtMost("E6c", "own CPU of it", 10, process.Usage.CpuSeconds, "s");
await Task.Delay(settle);
var after = await Versions.ReadAsync(api);
var changed = after.Where(now => !now.Key.Contains($"/{Bodies.JobPrefix}{jobs}", StringComparison.Ordinal) && before.GetValueOrDefault(now.Key) != now.Value).Select(now => now.Key).ToList();
foreach (var key in changed.Take(5))
    Say($"  written: {key}");
report.AtMost("E6c", "writes", 0, changed.Count, "writes");
process.Dispose();

// E6: now that nobody acts on them.
var same = await SameWrites.OfFirstJobAsync(api);
Say($"the same {same.Count} writes a job, blindly");
var rawRate = await same.RateAsync(api, TimeSpan.FromSeconds(10));
report.AtLeast("E6", "API writes a second, share of the raw rate", 60, 100 * writes / seconds / rawRate, "%");

Console.WriteLine(JsonSerializer.Serialize(new
{
    bench = "scale",
    executable = native ? "native" : "jit",
    nodes,
    pods,
    jobs,
    cores = Environment.ProcessorCount,
    server = $"{controlPlane.ServerVersion}",
    nodeBytes,
    podBytes,
    serverCpuSecondsToReady = Math.Round(serverCpuToReady, 1),
    rawWritesPerSecond = Math.Round(rawRate),
    seconds = Math.Round(seconds, 1),
    writesPerSecond = Math.Round(writes / seconds),
    statusWritesPerJob = Math.Round(watch.StatusWrites / (double)jobs, 2),
    eventsPerJob = Math.Round(events / (double)jobs, 2),
    apiServerCpu = Math.Round(serverCpu, 2),
    etcdCpu = Math.Round(etcdCpu, 2),
    phases = watch.Phases,
    checks = report.Checks,
}, JsonSerializerOptions.Web));

async Task MustAsync(params string[] kubectl)
{
    var (exitCode, output, error) = await controlPlane.KubectlAsync(kubectl);
    if (exitCode != 0)
        throw new InvalidOperationException($"kubectl {string.Join(' ', kubectl)} failed:\n{output}{error}");
}
