using GpuMem.TestKit.Faults;

namespace GpuMem.Bench.Faults;

/// <summary>A moment in which something may end: the n-th write of its sort comes, or it is carried out and not yet answered.</summary>
internal sealed record WritePoint(string Method, string Resource, int Number, bool CarriedOut)
{
    private int _seen;

    /// <summary>Does <paramref name="kill"/> at this point, once. What then comes too late is not passed on.</summary>
    public void Arm(HttpFaultProxy proxy, Action kill)
    {
        if (CarriedOut)
            proxy.Answered = call => HitBy(call, kill);
        else
            proxy.Fault = call => HitBy(call, kill) ? InjectedFault.Unavailable() : null;
    }

    public override string ToString() => $"{(CarriedOut ? "after" : "before")} {Method} {Resource} {Number}";

    private bool HitBy(ApiCall call, Action kill)
    {
        if (call.Method != Method || call.Resource != Resource || Interlocked.Increment(ref _seen) != Number)
            return false;
        kill();
        return true;
    }
}
