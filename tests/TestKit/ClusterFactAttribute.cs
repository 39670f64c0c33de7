using System.Runtime.CompilerServices;
using Xunit;

namespace GpuMem.TestKit;

/// <summary>
/// A test that needs <see cref="ControlPlane"/>. Where the binaries are missing it is skipped, visibly; with GPUMEM_REQUIRE_CLUSTER=1
/// it is not, and the fixture then obtains them or fails.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ClusterFactAttribute : FactAttribute
{
    public ClusterFactAttribute([CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber) => Skip = ReasonToSkip(null);

    /// <summary>The oldest API server this test can run on, as 1.30.</summary>
    public string? MinimumServerVersion
    {
        get;
        set
        {
            field = value;
            Skip ??= ReasonToSkip(value);
        }
    }

    private static string? ReasonToSkip(string? minimumServerVersion)
    {
        var required = Environment.GetEnvironmentVariable("GPUMEM_REQUIRE_CLUSTER") == "1";
        if (!required && !ControlPlaneAssets.Available)
            return "no etcd and kube-apiserver on this machine: run hack/control-plane.sh assets";

        return minimumServerVersion is not null
               && ControlPlaneAssets.ServerVersion is { } actual
               && actual < Version.Parse(minimumServerVersion)
            ? $"needs Kubernetes {minimumServerVersion} or newer; this control plane is {actual}"
            : null;
    }
}
