namespace GpuMem.Kubernetes.Models;

[KubernetesEntity(ApiVersion = "v1", Kind = "Service", PluralName = "services")]
public sealed class V1Service : KubernetesObject, ISpec<V1ServiceSpec?>
{
    public V1ServiceSpec? Spec { get; set; }
}

public sealed class V1ServiceSpec
{
    /// <summary><c>None</c> makes the service headless.</summary>
    public string? ClusterIP { get; set; }

    public IDictionary<string, string>? Selector { get; set; }

    public IList<V1ServicePort>? Ports { get; set; }

    public bool? PublishNotReadyAddresses { get; set; }
}

public sealed class V1ServicePort
{
    public string? Name { get; set; }

    public int? Port { get; set; }

    public string? Protocol { get; set; }

    public IntOrString? TargetPort { get; set; }
}
