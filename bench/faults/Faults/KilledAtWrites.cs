using GpuMem.Api.GpuPools;
using GpuMem.Kubernetes.Models;
using GpuMem.TestKit;
using GpuMem.TestKit.Faults;
using k8s.Models;

namespace GpuMem.Bench.Faults.Faults;

internal sealed class KilledAtWrites : IFault
{
    private const int Jobs = 2;

    /// <summary>Of each sort of write, the first ones are points to be killed at.</summary>
    private const int PointsOfASort = 2;

    private static readonly bool[] BeforeAndAfter = [false, true];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public string Id => "C65";

    public string Expected => "an operator killed at each sort of write, when it comes and when it is carried out but not answered, ends where an undisturbed one does";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        var (expected, writes) = await RunAsync(cluster, null);
        List<WritePoint> points =
        [
            // An event is told again, by PATCH, only when the cache is late: no point that one can wait for. Neither is a pool's second deletion.
            .. from sort in writes.Where(call => (call.Method, call.Resource) is not ("PATCH", "events")).CountBy(call => (call.Method, call.Resource))
               from number in Enumerable.Range(1, PointsOf(sort.Key, sort.Value))
               from carriedOut in BeforeAndAfter
               select new WritePoint(sort.Key.Method, sort.Key.Resource, number, carriedOut),
        ];
        List<string> wrong = [];
        foreach (var point in points)
        {
            Console.Error.WriteLine($"  killed {point}");
            var (actual, _) = await RunAsync(cluster, point);
            if (actual is null)
                wrong.Add($"{point}: never got there");
            else if (actual.Orphans > 0 || actual.DifferencesFrom(expected!) is { Count: > 0 })
                wrong.Add($"{point}: {actual.Orphans} orphans, {string.Join(", ", actual.DifferencesFrom(expected!))}");
        }
        var sorts = string.Join(", ", points.Select(point => $"{point.Method} {point.Resource}").Distinct());
        return new Observation(wrong.Count == 0, $"{points.Count} points of {sorts}: {wrong.Count} end differently{(wrong.Count == 0 ? "" : $": {string.Join("; ", wrong)}")}");
    }

    private static int PointsOf((string Method, string Resource) sort, int seen) => sort is ("DELETE", _) ? 1 : Math.Min(seen, PointsOfASort);

    /// <summary>
    /// Jobs that wait, no lease, no pool but one that has lost its nodes: then everything there is to write gets written. No state when the
    /// point was not reached.
    /// </summary>
    private static async Task<(FinalState? State, IReadOnlyList<ApiCall> Writes)> RunAsync(Cluster cluster, WritePoint? point)
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.CreateJobsAsync(ns, Jobs);
        await cluster.KubectlAsync("delete", "gpupools", "--all");
        await cluster.Client.CreateAsync(
            new GpuPool { Metadata = new V1ObjectMeta { Name = "without-nodes", Labels = new Dictionary<string, string> { ["gpumem.io/discovered"] = "true" } } });
        await cluster.KubectlAsync("delete", "lease", "gpumem-operator", "-n", InstalledGpuMem.Namespace, "--ignore-not-found");
        await using var proxy = await HttpFaultProxy.StartAsync(cluster.Administrator);
        var kubeconfig = await Kubeconfigs.ThroughAsync(proxy, await cluster.OperatorKubeconfigAsync());
        // A successor waits for the lease of a dead leader: only where that is the point.
        string[] election = point is null or { Resource: "leases" } ? ["--leader-elect"] : [];
        if (point is not null)
        {
            await using var victim = InstalledGpuMem.NewOperator(kubeconfig, election);
            point.Arm(proxy, () => _ = victim.KillAsync());
            if (await Cluster.UntilAsync(() => victim.HasExited, Patience) is null)
                return (null, []);
            (proxy.Fault, proxy.Answered) = (null, null);
        }
        await using var survivor = InstalledGpuMem.NewOperator(kubeconfig, election);
        await survivor.HasLoggedAsync("Acting on TrainingJobs");
        await cluster.AllLaunchedAsync(ns, Jobs, Patience);
        // What is still on its way: events, pools, and the first renewal of a lease.
        await Task.Delay(TimeSpan.FromSeconds(3));
        return (await FinalState.OfAsync(cluster, ns), [.. proxy.Calls.Where(call => call.IsWrite)]);
    }
}
