using System.Collections.Concurrent;
using GpuMem.TestKit;
using GpuMem.TestKit.Faults;

namespace GpuMem.Bench.Faults.Faults;

/// <summary>An operator that stands for election, and what it asks of the API server.</summary>
internal sealed class Candidate : IAsyncDisposable
{
    private readonly ConcurrentQueue<ApiCall> _answered = new();

    private Candidate(HttpFaultProxy proxy, GpuMemProcess process)
    {
        (Proxy, Process) = (proxy, process);
        proxy.Answered = _answered.Enqueue;
    }

    public HttpFaultProxy Proxy { get; }

    public GpuMemProcess Process { get; }

    public bool Acts => Process.Log.Contains("Acting on TrainingJobs", StringComparison.Ordinal);

    /// <param name="cluster">Where it stands.</param>
    /// <param name="way">A kubeconfig that leads to the API server over another way than the direct one.</param>
    public static async Task<Candidate> StartAsync(Cluster cluster, string? way = null)
    {
        var proxy = await HttpFaultProxy.StartAsync(way ?? cluster.Administrator);
        var kubeconfig = await Kubeconfigs.ThroughAsync(proxy, await cluster.OperatorKubeconfigAsync());
        var candidate = new Candidate(proxy, InstalledGpuMem.NewOperator(kubeconfig, "--leader-elect"));
        await candidate.Process.HasLoggedAsync("The cluster is known");
        return candidate;
    }

    /// <summary>All that were begun, whether their bodies followed or not.</summary>
    public IReadOnlyList<ApiCall> WritesSince(long timestamp) => [.. Proxy.Calls.Where(call => call.IsWrite && call.Timestamp >= timestamp)];

    /// <summary>Those of them that the API server saw the whole of.</summary>
    public IReadOnlyList<ApiCall> AnsweredWritesSince(long timestamp) => [.. _answered.Where(call => call.IsWrite && call.Timestamp >= timestamp)];

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        await Proxy.DisposeAsync();
    }
}
