namespace GpuMem.Kubernetes.Admission;

/// <summary>Whether it may be done, and with which changes.</summary>
public sealed class AdmissionResponse
{
    /// <summary>Must be that of the request.</summary>
    public string? Uid { get; set; }

    public bool Allowed { get; set; }

    public AdmissionStatus? Status { get; set; }

    public IList<string>? Warnings { get; set; }

    public IDictionary<string, string>? AuditAnnotations { get; set; }

    /// <summary><c>JSONPatch</c> with a patch; a validating webhook must have neither.</summary>
    public string? PatchType { get; set; }

    /// <summary>A JSON patch; base64 in the JSON.</summary>
    public byte[]? Patch { get; set; }
}

/// <summary>An answer as it is sent.</summary>
internal sealed record AdmissionReview(string ApiVersion, string Kind, AdmissionResponse Response);

/// <summary>Why a request was refused.</summary>
public sealed class AdmissionStatus
{
    public int? Code { get; set; }

    public string? Message { get; set; }

    public string? Reason { get; set; }
}
