namespace GpuMem.Kubernetes;

/// <summary>Nothing was sent: whoever may write now, it is no longer us.</summary>
public sealed class LeadershipLostException()
    : Exception("not sent, because this process no longer holds the lease under which it writes; another one may have taken over");
