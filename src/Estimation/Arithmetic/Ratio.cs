namespace GpuMem.Estimation.Arithmetic;

/// <summary>An exact fraction, so that 0.515869… bytes per parameter stay integers. Results are rounded up: a shard times its ranks covers the whole.</summary>
internal readonly record struct Ratio(long Numerator, long Denominator)
{
    public static Ratio Whole(long value) => new(value, 1);

    /// <exception cref="OverflowException">The result does not fit in 63 bits.</exception>
    public long Of(long count)
    {
        if (Denominator == 1)
            return checked(Numerator * count);

        // Dividing first keeps the product within 63 bits whenever the result is.
        var (quotient, remainder) = Math.DivRem(count, Denominator);
        return checked((quotient * Numerator) + DivideUp(remainder * Numerator, Denominator));
    }

    /// <summary>Most things are divided by one, which needs no division.</summary>
    public static long DivideUp(long count, long parts) => parts == 1 ? count : checked(count + parts - 1) / parts;
}
