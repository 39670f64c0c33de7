using System.Collections.Concurrent;
using GpuMem.Kubernetes;
using GpuMem.Kubernetes.Informers;
using GpuMem.Kubernetes.Models;
using Microsoft.Extensions.Logging;
using k8s.Models;

namespace GpuMem.Bench.Faults;

/// <summary>The client library's own cache of the ConfigMaps of one namespace, and what it says about its troubles.</summary>
internal sealed class FollowedMaps : ILogger<Informer<V1ConfigMap>>, IAsyncDisposable
{
    private readonly KubernetesClient _client;

    private readonly CancellationTokenSource _stop = new();

    private readonly ConcurrentQueue<string> _log = new();

    private readonly Task _running;

    public FollowedMaps(string kubeconfig, string ns)
    {
        _client = Cluster.NewClient(kubeconfig);
        Informer = new Informer<V1ConfigMap>(_client, new InformerOptions<V1ConfigMap> { Namespace = ns }, this, TimeProvider.System);
        _running = Informer.RunAsync(_stop.Token);
    }

    public Informer<V1ConfigMap> Informer { get; }

    public IReadOnlyCollection<string> Said => _log;

    public int Count => Informer.Store.List().Count;

    public static V1ConfigMap Map(string ns, string name) => new() { Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = ns } };

    public bool Has(string ns, string name) => Informer.Store.List().Any(map => map.Metadata.Name == name && map.Metadata.NamespaceProperty == ns);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _log.Enqueue(formatter(state, exception));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _client.Dispose();
        _stop.Dispose();
    }
}
