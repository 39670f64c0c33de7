namespace GpuMem.Kubernetes.Admission;

/// <summary>The question that the API server asks a webhook, and its answer (admission.k8s.io/v1).</summary>
public sealed class AdmissionReview
{
    public string? ApiVersion { get; set; }

    public string? Kind { get; set; }

    public AdmissionRequest? Request { get; set; }

    public AdmissionResponse? Response { get; set; }
}
