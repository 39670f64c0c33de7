using System.Diagnostics.CodeAnalysis;

namespace GpuMem.Kubernetes.Admission;

/// <summary>Reads questions from anybody who can reach the port, so it never throws; writes answers.</summary>
public static class AdmissionReviewSerializer
{
    /// <summary>False with a reason that can be sent back; the request is then of no use.</summary>
    public static bool TryRead(
        ReadOnlyMemory<byte> body, [NotNullWhen(true)] out AdmissionReview? review, [NotNullWhen(false)] out string? error) =>
        throw new NotImplementedException();

    public static byte[] Write(AdmissionResponse response) => throw new NotImplementedException();
}
