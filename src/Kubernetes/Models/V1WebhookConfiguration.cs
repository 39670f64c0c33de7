namespace GpuMem.Kubernetes.Models;

/// <summary>Read to find the webhooks by name; change it by <see cref="GpuMem.Kubernetes.V1Patch"/> only, because most fields are not modelled.</summary>
[KubernetesEntity(
    Group = "admissionregistration.k8s.io",
    ApiVersion = "v1",
    Kind = "ValidatingWebhookConfiguration",
    PluralName = "validatingwebhookconfigurations")]
/// <summary>Registers validating webhooks; only their trust is modelled.</summary>
[EntityScope(EntityScope.Cluster)]
public sealed class V1ValidatingWebhookConfiguration : KubernetesObject
{
    public IList<V1Webhook>? Webhooks { get; set; }
}

/// <inheritdoc cref="V1ValidatingWebhookConfiguration"/>
[KubernetesEntity(
    Group = "admissionregistration.k8s.io",
    ApiVersion = "v1",
    Kind = "MutatingWebhookConfiguration",
    PluralName = "mutatingwebhookconfigurations")]
/// <summary>Registers mutating webhooks; only their trust is modelled.</summary>
[EntityScope(EntityScope.Cluster)]
public sealed class V1MutatingWebhookConfiguration : KubernetesObject
{
    public IList<V1Webhook>? Webhooks { get; set; }
}

/// <summary>One registered webhook.</summary>
public sealed class V1Webhook
{
    public string? Name { get; set; }

    public V1WebhookClientConfig? ClientConfig { get; set; }
}

/// <summary>How the API server reaches a webhook, and whom it trusts there.</summary>
public sealed class V1WebhookClientConfig
{
    public byte[]? CaBundle { get; set; }
}
