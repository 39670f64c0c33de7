using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GpuMem.Kubernetes.Serialization;

namespace GpuMem.Kubernetes.Admission;

/// <summary>Reads questions from anybody who can reach the port, so it never throws; writes answers.</summary>
public static class AdmissionReviewSerializer
{
    private const string ApiVersion = "admission.k8s.io/v1";
    private const string Kind = "AdmissionReview";

    /// <summary>
    /// Far deeper than any pod. The API server would allow 10,000, but reading takes time that grows with the square of the depth: a small body
    /// from anybody who can reach the port would keep a core busy for seconds.
    /// </summary>
    private const int MaxDepth = 512;

    private static readonly JsonTypeInfo<AdmissionReview> Reading = ReadingOptions();
    private static readonly JsonTypeInfo<AdmissionReview> Writing = KubernetesJson.Default.WriteInfo<AdmissionReview>();

    /// <summary>False with a reason that can be sent back; the request is then of no use.</summary>
    public static bool TryRead(
        ReadOnlyMemory<byte> body, [NotNullWhen(true)] out AdmissionReview? review, [NotNullWhen(false)] out string? error)
    {
        try
        {
            review = JsonSerializer.Deserialize(body.Span, Reading);
            error = review switch
            {
                { Kind: Kind, ApiVersion: ApiVersion, Request.Uid.Length: > 0 } => null,
                { Kind: Kind, ApiVersion: ApiVersion } => "the AdmissionReview has no request, or a request without uid",
                _ => "the body is not an admission.k8s.io/v1 AdmissionReview",
            };
            return error is null;
        }
        catch (JsonException malformed)
        {
            review = null;
            error = $"the body is not valid JSON for an AdmissionReview: {malformed.Message}";
            return false;
        }
    }

    public static byte[] Write(AdmissionResponse response) =>
        JsonSerializer.SerializeToUtf8Bytes(new AdmissionReview { ApiVersion = ApiVersion, Kind = Kind, Response = response }, Writing);

    private static JsonTypeInfo<AdmissionReview> ReadingOptions()
    {
        // Two members of one name would let us check one value and the API server use the other.
        JsonSerializerOptions options = new(KubernetesJsonContext.Default.Options)
        {
            TypeInfoResolver = KubernetesJsonContext.Default,
            MaxDepth = MaxDepth,
            AllowDuplicateProperties = false,
        };
        options.MakeReadOnly();
        return (JsonTypeInfo<AdmissionReview>)options.GetTypeInfo(typeof(AdmissionReview));
    }
}
