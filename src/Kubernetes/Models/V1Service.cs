namespace GpuMem.Kubernetes.Models;

/// <summary>A stable name for a set of pods.</summary>
[KubernetesEntity(ApiVersion = "v1", Kind = "Service", PluralName = "services")]
public sealed class V1Service : KubernetesObject, ISpec<V1ServiceSpec?>
{
    public V1ServiceSpec? Spec { get; set; }
}

/// <summary>Which pods a service leads to.</summary>
public sealed class V1ServiceSpec
{
    /// <summary><c>None</c> makes the service headless.</summary>
    public string? ClusterIP { get; set; }

    public IDictionary<string, string>? Selector { get; set; }

    public IList<V1ServicePort>? Ports { get; set; }

    public bool? PublishNotReadyAddresses { get; set; }
}

/// <summary>A port of a service.</summary>
public sealed class V1ServicePort
{
    public string? Name { get; set; }

    public int? Port { get; set; }

    public string? Protocol { get; set; }

    public IntOrString? TargetPort { get; set; }
}
