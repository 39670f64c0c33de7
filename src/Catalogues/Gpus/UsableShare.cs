namespace GpuMem.Catalogues.Gpus;

/// <summary>What CUDA offers, at the least seen, of the memory that NVML reports; the rest goes to the driver and page tables.</summary>
internal static class UsableShare
{
    private const int LeastPerMille = 983;

    /// <summary>Of a small card the driver takes more than its share: 495 MiB of an RTX 5070 Ti.</summary>
    private const long MostFixedMiB = 512;

    private const long MaxMiB = long.MaxValue / Bytes.PerMiB;

    /// <summary>Of a whole card; a label beyond any memory counts as the largest size, one below zero as none.</summary>
    public static Bytes OfCard(long mebibytes) => Bytes.Min(OfSlice(mebibytes), Bytes.FromMiB(Math.Clamp(mebibytes, MostFixedMiB, MaxMiB) - MostFixedMiB));

    /// <summary>Of a MIG slice, whose label is already less what the driver keeps of the card.</summary>
    public static Bytes OfSlice(long mebibytes) => OfBytes(Math.Clamp(mebibytes, 0, MaxMiB) * Bytes.PerMiB);

    public static Bytes OfBytes(long bytes) => new((long)((((Int128)bytes * LeastPerMille) + 999) / 1000));
}
