using Xunit;

namespace GpuMem.TestKit;

/// <summary>
/// A test that needs <see cref="ControlPlane"/>. Where the binaries are missing it is skipped, visibly; with GPUMEM_REQUIRE_CLUSTER=1
/// it is not, and the fixture then obtains them or fails.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ClusterFactAttribute : FactAttribute
{
    private string? _skip;

    /// <summary>The oldest API server this test can run on, as 1.30.</summary>
    public string? MinimumServerVersion { get; set; }

    public override string? Skip
    {
        get => _skip ?? ReasonToSkip();
        set => _skip = value;
    }

    private string? ReasonToSkip()
    {
        var required = Environment.GetEnvironmentVariable("GPUMEM_REQUIRE_CLUSTER") == "1";
        if (!required && !ControlPlaneAssets.Available)
            return "no etcd and kube-apiserver on this machine: run hack/control-plane.sh assets";

        return MinimumServerVersion is not null
               && ControlPlaneAssets.ServerVersion is { } actual
               && actual < Version.Parse(MinimumServerVersion)
            ? $"needs Kubernetes {MinimumServerVersion} or newer; this control plane is {actual}"
            : null;
    }
}
