namespace GpuMem.Api.Serving;

/// <summary>
/// A model and how it is served, in a file for <c>gpumem inference -f</c>. It has the shape of a manifest, so that one folder can hold both
/// kinds of question, but is no resource of a cluster; its fields are the first of a ModelServer's.
/// </summary>
public sealed class InferenceManifest
{
    public const string KindName = "Inference";

    public string? ApiVersion { get; set; }

    /// <summary><see cref="KindName"/>.</summary>
    public string? Kind { get; set; }

    public V1ObjectMeta? Metadata { get; set; }

    public InferenceSettings? Spec { get; set; }
}
