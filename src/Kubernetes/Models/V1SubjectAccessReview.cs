namespace GpuMem.Kubernetes.Models;

/// <summary>Asks the API server whether somebody may do something.</summary>
[KubernetesEntity(
    Group = "authorization.k8s.io", ApiVersion = "v1", Kind = "SubjectAccessReview", PluralName = "subjectaccessreviews")]
/// <summary>Asks the API server whether somebody may do something.</summary>
[EntityScope(EntityScope.Cluster)]
public sealed class V1SubjectAccessReview : KubernetesObject, ISpec<V1SubjectAccessReviewSpec?>, IStatus<V1SubjectAccessReviewStatus?>
{
    public V1SubjectAccessReviewSpec? Spec { get; set; }

    public V1SubjectAccessReviewStatus? Status { get; set; }
}

/// <summary>Who, and what.</summary>
public sealed class V1SubjectAccessReviewSpec
{
    public string? User { get; set; }

    public IList<string>? Groups { get; set; }

    public string? Uid { get; set; }

    public IDictionary<string, IList<string>>? Extra { get; set; }

    public V1ResourceAttributes? ResourceAttributes { get; set; }
}

/// <summary>A verb on a resource.</summary>
public sealed class V1ResourceAttributes
{
    [System.Text.Json.Serialization.JsonPropertyName("namespace")]
    public string? NamespaceProperty { get; set; }

    public string? Verb { get; set; }

    public string? Group { get; set; }

    public string? Version { get; set; }

    public string? Resource { get; set; }

    public string? Subresource { get; set; }

    public string? Name { get; set; }
}

/// <summary>The answer.</summary>
public sealed class V1SubjectAccessReviewStatus
{
    public bool Allowed { get; set; }

    public bool? Denied { get; set; }

    public string? Reason { get; set; }

    public string? EvaluationError { get; set; }
}
