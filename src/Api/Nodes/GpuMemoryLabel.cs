using System.Globalization;

namespace GpuMem.Api.Nodes;

/// <summary>
/// Reads <c>nvidia.com/gpu.memory</c>. GPU Feature Discovery writes MiB; before 0.7 it wrote bytes (NVIDIA/gpu-feature-discovery#26), and
/// 0 on a GPU whose MIG layout is broken (NVIDIA/gpu-operator#479). Nodes are written by others: what cannot be read is unknown, never a guess.
/// </summary>
public static class GpuMemoryLabel
{
    public const string Key = "nvidia.com/gpu.memory";

    /// <summary>No GPU has ten million MiB, no GPU has fewer than ten million bytes.</summary>
    private const long SmallestBytes = 10_000_000;

    private const long LargestMiB = 16L << 20;

    /// <summary>Half of the smallest virtual GPU. A smaller figure is in another unit, 80 for 80 GB.</summary>
    private const long SmallestMiB = 256;

    /// <summary>Memory of one GPU in MiB; null with a reason when the label is missing or says nothing usable.</summary>
    public static long? TryReadMiB(string? value, out string? reason)
    {
        reason = null;
        if (value is null)
        {
            reason = "the label is missing";
            return null;
        }
        if (!long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            reason = $"'{Shown(value)}' is not a number of MiB";
            return null;
        }
        var mib = number >= SmallestBytes ? number >> 20 : number;
        if (IsSizeOfGpu(mib))
            return mib;
        reason = number == 0
            ? "0 means that no memory could be read (a broken MIG layout, or a GPU without memory of its own)"
            : $"'{Shown(value)}' MiB is {(mib < SmallestMiB ? "less" : "more")} than any GPU has";
        return null;
    }

    internal static bool IsSizeOfGpu(long mib) => mib is >= SmallestMiB and <= LargestMiB;

    private static string Shown(string value) => value.Length <= 40 ? value : value[..40] + "…";
}
