using System.Runtime.CompilerServices;

namespace GpuMem.Estimation.Arithmetic;

/// <summary>Bytes as expected and as a real run is very unlikely to exceed. Sums are checked.</summary>
internal readonly record struct Amount(long Expected, long Upper)
{
    public static Amount Exactly(long bytes) => new(bytes, bytes);

    /// <summary>The same bytes in either reading, with <paramref name="percent"/> more in the upper one.</summary>
    public static Amount WithMargin(long bytes, int percent) => new(bytes, checked(bytes + new Percent(percent).Of(bytes)));

    public static Amount operator -(Amount a, Amount b) => new(a.Expected - b.Expected, a.Upper - b.Upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Amount operator +(Amount a, Amount b) => new(checked(a.Expected + b.Expected), checked(a.Upper + b.Upper));
}
