using System.Net;
using GpuMem.Api.ModelServers;
using GpuMem.Api.Nodes;
using GpuMem.Api.TrainingJobs;
using k8s;

namespace GpuMem.Page.Cluster;

/// <summary>
/// Reads pools and jobs of a cluster when somebody asks, and changes nothing. What was read counts for some seconds: a page that is open in many
/// windows costs the API server no more than one.
/// </summary>
/// <param name="client">With the rights of whoever started the page.</param>
/// <param name="name">What the cluster is called, for messages.</param>
/// <param name="time">The clock.</param>
public sealed class ClusterReader(IKubernetesClient client, string name, TimeProvider time) : IDisposable
{
    private const int MostListed = 200;

    private static readonly TimeSpan Counts = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly SemaphoreSlim _turn = new(1);

    private (ClusterReading Reading, long At)? _last;

    public void Dispose() => _turn.Dispose();

    internal async Task<ClusterReading> ReadAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_last is { } last && time.GetElapsedTime(last.At) < Counts)
                return last.Reading;
            var reading = await ReadNowAsync(cancellationToken);
            _last = (reading, time.GetTimestamp());
            return reading;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<ClusterReading> ReadNowAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            return await ReadPoolsAndJobsAsync(either.Token);
        }
        catch (GpuMem.Kubernetes.KubernetesException refused) when (refused.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized)
        {
            return new ClusterReading(ClusterState.Forbidden, $"Cluster {name} does not let you see its nodes: {refused.Message}. Ask for the right to list nodes, or use the catalogue.");
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new ClusterReading(ClusterState.Unreachable, $"Cluster {name} did not answer within {Patience.TotalSeconds} s. Is its API server reachable from here?");
        }
        catch (Exception failed) when (failed is GpuMem.Kubernetes.KubernetesException or HttpRequestException or IOException or KubernetesConfigurationException)
        {
            return new ClusterReading(ClusterState.Unreachable, $"Cluster {name} cannot be read: {failed.Message}");
        }
    }

    private async Task<ClusterReading> ReadPoolsAndJobsAsync(CancellationToken cancellationToken)
    {
        var sources = await PoolSources.OfAsync(client, cancellationToken);
        var inventory = sources.Inventory;
        var free = new FreeGpus(sources.Pods);
        var (jobs, withoutJobs) = await ListAsync<TrainingJob>(cancellationToken);
        var (servers, withoutServers) = await ListAsync<ModelServer>(cancellationToken);
        var missing = withoutJobs ?? withoutServers;
        return new ClusterReading(ClusterState.Read, missing ?? $"Cluster {name}.")
        {
            Pools = free.Told(inventory),
            Free = free,
            Remarks = PoolRemarks.Of(inventory, sources.Declared),
            Jobs = jobs,
            Servers = servers,
        };
    }

    /// <summary>The first of them, and why there are none where the cluster does not say.</summary>
    private async Task<(IReadOnlyList<T> Items, string? Missing)> ListAsync<T>(CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            return ([.. (await client.ListAsync<T>(new ListOptions { Limit = MostListed }, cancellationToken)).Items], null);
        }
        catch (GpuMem.Kubernetes.KubernetesException refused) when (refused.StatusCode is HttpStatusCode.NotFound)
        {
            return ([], $"Cluster {name} has no {typeof(T).Name}s: GpuMem is not installed there. Its pools are read from its nodes.");
        }
        catch (GpuMem.Kubernetes.KubernetesException refused) when (refused.StatusCode is HttpStatusCode.Forbidden)
        {
            return ([], $"Cluster {name} does not let you see its {typeof(T).Name}s: {refused.Message}. Its pools are read from its nodes.");
        }
    }
}
