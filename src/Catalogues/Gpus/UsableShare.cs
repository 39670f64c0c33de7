namespace GpuMem.Catalogues.Gpus;

/// <summary>The least ratio seen between the memory that CUDA offers and what NVML reports; the rest goes to the driver and page tables.</summary>
internal static class UsableShare
{
    private const int LeastPerMille = 983;

    private const long MaxMiB = long.MaxValue / Bytes.PerMiB;

    /// <summary>Bytes; a label beyond any memory counts as the largest size, one below zero as none.</summary>
    public static Bytes OfLabel(long mebibytes) => OfBytes(Math.Clamp(mebibytes, 0, MaxMiB) * Bytes.PerMiB);

    public static Bytes OfBytes(long bytes) => new((long)((((Int128)bytes * LeastPerMille) + 999) / 1000));
}
