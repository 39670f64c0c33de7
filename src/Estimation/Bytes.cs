namespace GpuMem.Estimation;

/// <summary>A size in bytes, never negative. All arithmetic is checked: an overflow is an error, never a small number.</summary>
public readonly record struct Bytes : IComparable<Bytes>
{
    /// <summary>2^30 bytes, the unit in which sizes are printed.</summary>
    public const long PerGiB = 1L << 30;

    /// <summary>2^20 bytes, the unit of the <c>nvidia.com/gpu.memory</c> node label.</summary>
    public const long PerMiB = 1L << 20;

    /// <summary>No bytes.</summary>
    public static readonly Bytes Zero;

    /// <exception cref="ArgumentOutOfRangeException"><paramref name="value"/> is negative.</exception>
    public Bytes(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        Value = value;
    }

    /// <summary>In bytes.</summary>
    public long Value { get; }

    /// <summary>In GiB, 2^30 bytes, rounded by the floating point only.</summary>
    public double GiB => (double)Value / PerGiB;

    /// <exception cref="OverflowException">The size does not fit in 63 bits.</exception>
    public static Bytes FromGiB(decimal gib) => new(checked((long)decimal.Round(gib * PerGiB)));

    /// <summary>From MiB, 2^20 bytes.</summary>
    public static Bytes FromMiB(long mib) => new(checked(mib * PerMiB));

    /// <summary>The larger of two.</summary>
    public static Bytes Max(Bytes a, Bytes b) => a.Value >= b.Value ? a : b;

    /// <summary>The smaller of two.</summary>
    public static Bytes Min(Bytes a, Bytes b) => a.Value <= b.Value ? a : b;

    /// <summary>The sum, checked.</summary>
    public static Bytes operator +(Bytes a, Bytes b) => new(checked(a.Value + b.Value));

    /// <exception cref="ArgumentOutOfRangeException"><paramref name="b"/> is larger than <paramref name="a"/>.</exception>
    public static Bytes operator -(Bytes a, Bytes b) => new(a.Value - b.Value);

    /// <summary>By size.</summary>
    public static bool operator <(Bytes a, Bytes b) => a.Value < b.Value;

    /// <summary>By size.</summary>
    public static bool operator >(Bytes a, Bytes b) => a.Value > b.Value;

    /// <summary>By size.</summary>
    public static bool operator <=(Bytes a, Bytes b) => a.Value <= b.Value;

    /// <summary>By size.</summary>
    public static bool operator >=(Bytes a, Bytes b) => a.Value >= b.Value;

    /// <summary>By size.</summary>
    public int CompareTo(Bytes other) => Value.CompareTo(other.Value);

    /// <summary>One decimal and the unit with its "i": <c>61.2 GiB</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{GiB:0.0} GiB");
}
