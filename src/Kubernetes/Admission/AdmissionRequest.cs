namespace GpuMem.Kubernetes.Admission;

/// <summary>What somebody is about to do.</summary>
public sealed class AdmissionRequest
{
    public string? Uid { get; set; }

    public GroupVersionKind? Kind { get; set; }

    public GroupVersionResource? Resource { get; set; }

    public string? SubResource { get; set; }

    public string? Name { get; set; }

    public string? Namespace { get; set; }

    /// <summary><c>CREATE</c>, <c>UPDATE</c>, <c>DELETE</c> or <c>CONNECT</c>.</summary>
    public string? Operation { get; set; }

    public UserInfo? UserInfo { get; set; }

    /// <summary>Raw, so that patches can be computed against what was really sent; undefined or null with DELETE.</summary>
    public JsonElement Object { get; set; }

    /// <summary>The state before; undefined or null with CREATE.</summary>
    public JsonElement OldObject { get; set; }

    public bool? DryRun { get; set; }
}

/// <summary>A type, as manifests name it.</summary>
public sealed record GroupVersionKind
{
    public string? Group { get; set; }

    public string? Version { get; set; }

    public string? Kind { get; set; }
}

/// <summary>A type, as URLs name it.</summary>
public sealed record GroupVersionResource
{
    public string? Group { get; set; }

    public string? Version { get; set; }

    public string? Resource { get; set; }
}

/// <summary>Who asked.</summary>
public sealed class UserInfo
{
    public string? Username { get; set; }

    public string? Uid { get; set; }

    public IList<string>? Groups { get; set; }

    public IDictionary<string, IList<string>>? Extra { get; set; }
}
