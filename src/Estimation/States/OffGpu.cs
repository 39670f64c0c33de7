namespace GpuMem.Estimation.States;

/// <summary>What one rank keeps off its GPU, in bytes.</summary>
internal readonly record struct OffGpu(long Host, long Nvme)
{
    public OffGpu With(OffloadTarget target, Amount amount) => target == OffloadTarget.NVMe
        ? this with { Nvme = checked(Nvme + amount.Expected) }
        : this with { Host = checked(Host + amount.Expected) };

    public static OffGpu Larger(in OffGpu a, in OffGpu b) => new(Math.Max(a.Host, b.Host), Math.Max(a.Nvme, b.Nvme));
}
