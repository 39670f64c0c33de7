namespace GpuMem.Estimation.Arithmetic;

/// <summary>A share in percent: of one denominator, which the compiler divides by without a division. Every estimate takes some thirty of them.</summary>
internal readonly record struct Percent(int Value)
{
    private const int Whole = 100;

    /// <summary>Rounded up.</summary>
    /// <exception cref="OverflowException">The result does not fit in 63 bits.</exception>
    public long Of(long count) => Value == Whole ? count : checked(((count / Whole) * Value) + ((((count % Whole) * Value) + Whole - 1) / Whole));
}
