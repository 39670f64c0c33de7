namespace GpuMem.Kubernetes.Admission;

/// <summary>
/// What somebody is about to do: the question that the API server asks a webhook (admission.k8s.io/v1). Its objects are parts of the bytes
/// that it was read from: they are gone with it.
/// </summary>
public sealed class AdmissionRequest(JsonDocument review) : IDisposable
{
    public required string Uid { get; init; }

    /// <summary>Of the object, as manifests name it.</summary>
    public string? Kind { get; init; }

    public string? SubResource { get; init; }

    public string? Name { get; init; }

    public string? Namespace { get; init; }

    /// <summary><c>CREATE</c>, <c>UPDATE</c>, <c>DELETE</c> or <c>CONNECT</c>.</summary>
    public string? Operation { get; init; }

    public UserInfo? UserInfo { get; init; }

    /// <summary>Raw, so that patches can be computed against what was really sent; undefined or null with DELETE.</summary>
    public JsonElement Object { get; init; }

    /// <summary>The state before; undefined or null with CREATE.</summary>
    public JsonElement OldObject { get; init; }

    public void Dispose() => review.Dispose();
}

/// <summary>Who asked.</summary>
public sealed class UserInfo
{
    public string? Username { get; set; }

    public string? Uid { get; set; }

    public IList<string>? Groups { get; set; }

    public IDictionary<string, IList<string>>? Extra { get; set; }
}
