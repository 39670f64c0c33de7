using System.Threading.Channels;
using GpuMem.Kubernetes.Informers;
using Microsoft.Extensions.Logging;

namespace GpuMem.Webhook.Certificates;

/// <summary>Tells when somebody changes the Secret of the certificate or one of our webhook configurations. Of these nothing is kept but that they are there.</summary>
internal sealed class RegistrationChanges
{
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly TimeProvider _time;

    private readonly Func<CancellationToken, Task>[] _follow;

    public RegistrationChanges(IKubernetesClient client, WebhookOptions options, TimeProvider timeProvider, ILogger<RegistrationChanges> logger)
    {
        _time = timeProvider;
        _follow =
        [
            Following<V1Secret>(options.SecretName, options.Namespace),
            Following<V1ValidatingWebhookConfiguration>(options.ConfigurationName, null),
            Following<V1MutatingWebhookConfiguration>(options.ConfigurationName, null),
        ];

        Func<CancellationToken, Task> Following<T>(string name, string? ns)
            where T : class, k8s.IKubernetesObject<V1ObjectMeta>
        {
            var informer = new Informer<T, string>(
                client, new InformerOptions { Namespace = ns, FieldSelector = $"metadata.name={name}" }, entity => entity.ResourceVersion(), logger, timeProvider);
            informer.Subscribe(_ => _changed.Writer.TryWrite(true));
            return informer.RunAsync;
        }
    }

    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(_follow.Select(follow => follow(cancellationToken)));

    /// <summary>Returns at the next change, or at once when there was one since the last call, and after <paramref name="atMost"/> in any case.</summary>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timer = _time.CreateTimer(_ => patience.Cancel(), null, atMost, Timeout.InfiniteTimeSpan);
        try
        {
            await _changed.Reader.ReadAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Nothing changed.
        }
    }
}
