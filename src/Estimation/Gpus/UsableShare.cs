namespace GpuMem.Estimation.Gpus;

/// <summary>The least ratio seen between the memory that CUDA offers and what NVML reports; the rest goes to the driver and page tables.</summary>
internal static class UsableShare
{
    private static readonly Ratio Least = new(983, 1000);

    private const long MaxMiB = long.MaxValue / Bytes.PerMiB;

    /// <summary>Bytes; a label beyond any memory counts as the largest size, one below zero as none.</summary>
    public static Bytes OfLabel(long mebibytes) => OfBytes(Math.Clamp(mebibytes, 0, MaxMiB) * Bytes.PerMiB);

    public static Bytes OfBytes(long bytes) => new(Least.Of(bytes));
}
