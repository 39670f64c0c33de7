namespace GpuMem.Kubernetes.Models;

/// <summary>Anything that carries an API version and a kind.</summary>
public interface IKubernetesObject
{
    string? ApiVersion { get; set; }

    string? Kind { get; set; }
}

/// <summary>Anything that carries metadata.</summary>
public interface IMetadata<TMetadata>
{
    TMetadata Metadata { get; set; }
}

/// <summary>An object with kind and metadata: everything that can be got, listed and watched.</summary>
public interface IKubernetesObject<TMetadata> : IKubernetesObject, IMetadata<TMetadata>;

/// <summary>An object with a desired state.</summary>
public interface ISpec<TSpec>
{
    TSpec Spec { get; set; }
}

/// <summary>An object with an observed state.</summary>
public interface IStatus<TStatus>
{
    TStatus Status { get; set; }
}
