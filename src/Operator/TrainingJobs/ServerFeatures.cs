using System.Globalization;

namespace GpuMem.Operator.TrainingJobs;

/// <summary>What the API server's Jobs can do. Server-side apply refuses a field that the server does not know.</summary>
/// <param name="IndexedJobs">Kubernetes 1.24 and later (KEP-2214).</param>
/// <param name="PodFailurePolicy">Kubernetes 1.26 and later (KEP-3329).</param>
/// <param name="ResourcesOfSuspendedJobs">Kubernetes 1.36 and later (KEP-5440): what the pods of a suspended Job ask for may be changed.</param>
internal sealed record ServerFeatures(bool IndexedJobs, bool PodFailurePolicy, bool ResourcesOfSuspendedJobs)
{
    public static ServerFeatures Of(VersionInfo version)
    {
        var minor = Number(version.Minor);
        var newer = Number(version.Major) > 1;
        return new ServerFeatures(newer || minor >= 24, newer || minor >= 26, newer || minor >= 36);
    }

    /// <summary>Vendors append a plus sign: <c>27+</c>.</summary>
    private static int Number(string? text) =>
        int.TryParse(text?.TrimEnd('+'), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
