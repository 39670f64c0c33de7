using System.Diagnostics;
using System.Text.Json;
using GpuMem.Bench.Faults;
using GpuMem.Bench.Faults.Faults;

// hack/bench.sh faults [ID…] [--jobs N] [--kills N] [--nodes N] [--pods N] [--minutes N]: smaller numbers for a quick look.
int? Number(string name) => Array.IndexOf(args, name) is >= 0 and var at ? int.Parse(args[at + 1], null) : null;
var asked = args.Where(arg => arg.StartsWith('C')).ToHashSet(StringComparer.OrdinalIgnoreCase);
var (jobs, pods) = (Number("--jobs"), Number("--pods"));
var crowd = new CrowdedCluster(Number("--nodes") ?? 10_000, pods ?? 50_000);

IFault[] all =
[
    // First, for the time to be ready is that of a list of what earlier faults left behind.
    new ApiServerErrorsAtStart(),
    .. WebhookDown.All, new DeletedRegistration(), new RollingRestarts(10), new SharedLoad(), new Overload(),
    new ShortCertificates(Number("--minutes") ?? 10), .. ChangedAuthority.All, new SwappedFolder(), new SlowReviews(), new DryRuns(),
    new StalledWebhook(), new StarvedWebhook(), new DeniedReplicas(), new Impostor(), new LargeBodies(), new SlowClients(), .. LongAnswers.All, new UndoneRewrite(), .. RunningWorkloads.All,
    .. Tenants.All, new ManyForOneSlot(), .. Privileges.All, new Uninstalled(), .. Tested.All,
    new BlackholedWatch(), new ExpiredWatch(), new FrozenLeader(), new PartitionedLeader(), new DeadLeader(), new KilledAtWrites(),
    new RandomKills(jobs ?? 1000, Number("--kills") ?? 200),
    new ApiServerKilled(jobs ?? 200), new RefusedCalls(jobs ?? 1000), new EtcdFrozen(jobs ?? 300), new LateWatch(jobs ?? 100),
    new TwoTenants(jobs ?? 10_000), new EtcdRestored(), new FailedPods(pods ?? 10_000), new ManyReviews(),
    // Last, for the crowd stays.
    new FirstSync(crowd), new PodChurn(crowd, Number("--minutes") ?? 10),
];
List<object> results = [];
var failed = 0;
await using var cluster = await Cluster.StartAsync();
foreach (var fault in all.Where(fault => asked.Count == 0 || asked.Contains(fault.Id)))
{
    Console.Error.WriteLine($"{fault.Id}: {fault.GetType().Name}");
    var watch = Stopwatch.StartNew();
    Observation seen;
    try
    {
        seen = await fault.RunAsync(cluster);
    }
#pragma warning disable CA1031 // A fault that cannot be run has not been survived; the others are run all the same.
    catch (Exception failure)
#pragma warning restore CA1031
    {
        seen = new Observation(false, failure.ToString());
    }
    failed += seen.Pass ? 0 : 1;
    Console.WriteLine($"{fault.Id}, expected: {fault.Expected}, observed: {seen.Text}, pass: {(seen.Pass ? "yes" : "NO")}");
    results.Add(new { id = fault.Id, expected = fault.Expected, observed = seen.Text, pass = seen.Pass, seconds = Math.Round(watch.Elapsed.TotalSeconds, 1) });
}
Console.WriteLine(JsonSerializer.Serialize(new { bench = "faults", unit = "faults failed", value = failed, server = $"{cluster.ServerVersion}", results }));
return failed == 0 ? 0 : 1;
