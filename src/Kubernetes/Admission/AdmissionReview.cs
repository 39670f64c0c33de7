namespace GpuMem.Kubernetes.Admission;

/// <summary>
/// The question that the API server asks a webhook, and its answer (admission.k8s.io/v1). The objects of a question that was read are parts of
/// the bytes it was read from: they are gone with it.
/// </summary>
public sealed class AdmissionReview : IDisposable
{
    private readonly JsonDocument? _document;

    public AdmissionReview()
    {
    }

    internal AdmissionReview(JsonDocument document) => _document = document;

    public string? ApiVersion { get; set; }

    public string? Kind { get; set; }

    public AdmissionRequest? Request { get; set; }

    public AdmissionResponse? Response { get; set; }

    public void Dispose() => _document?.Dispose();
}
