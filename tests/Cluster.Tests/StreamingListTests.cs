using GpuMem.Kubernetes;
using GpuMem.Kubernetes.Configuration;
using GpuMem.Kubernetes.Informers;
using GpuMem.Kubernetes.Models;
using GpuMem.TestKit;
using Microsoft.Extensions.Logging;
using k8s.Models;

namespace GpuMem.Cluster.Tests;

/// <summary>The first list as events, from a server that offers it by default.</summary>
public sealed class StreamingListTests(ControlPlane controlPlane) : IClassFixture<ControlPlane>
{
    [ClusterFact(MinimumServerVersion = "1.34")]
    public async Task R18_A_real_server_streams_the_list_and_goes_on_as_the_watch()
    {
        var ns = $"streaming-{Guid.NewGuid():N}"[..18];
        await controlPlane.KubectlAsync("create", "namespace", ns);
        for (var i = 0; i < 20; i++)
            await controlPlane.KubectlAsync("create", "configmap", $"map-{i}", "-n", ns);
        Refusals refusals = new();
        using KubernetesClient client = new(KubernetesClientConfiguration.BuildConfigFromConfigFile(controlPlane.Kubeconfig));
        Informer<V1ConfigMap, string> informer = new(
            client, new InformerOptions { Namespace = ns }, map => map.Name(), refusals, TimeProvider.System);
        using CancellationTokenSource stop = new(TimeSpan.FromMinutes(1));
        TaskCompletionSource deleted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using var subscription = informer.Subscribe(change =>
        {
            if (change is { Type: StoreEventType.Deleted, Name.Name: "map-7" })
                deleted.SetResult();
        });
        var running = informer.RunAsync(stop.Token);
        await informer.WaitForSyncAsync(stop.Token);
        Assert.True(informer.Store.Count >= 20);

        await controlPlane.KubectlAsync("delete", "configmap", "map-7", "-n", ns);
        await deleted.Task.WaitAsync(stop.Token);
        Assert.Null(informer.LastError);
        Assert.Empty(refusals.Lines);
        await stop.CancelAsync();
        await running;
    }

    /// <summary>Where an informer says that it had to fall back to a plain list.</summary>
    private sealed class Refusals : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var line = formatter(state, exception);
            if (line.Contains("does not stream", StringComparison.Ordinal))
                Lines.Add(line);
        }
    }
}
