namespace GpuMem.Estimation.Arithmetic;

/// <summary>
/// Bytes as a sum of products, all divided over so many ranks. What it comes to and how it is explained are one thing: symbols, numbers and source
/// are written down where the size is.
/// </summary>
/// <param name="symbols">With the field's letters, without the division.</param>
/// <param name="source">Paper (arXiv id) or upstream file.</param>
/// <param name="first">A product.</param>
/// <param name="second">One more.</param>
/// <param name="third">And one more.</param>
/// <param name="shards">Ranks over which the sum is divided, each part rounded up.</param>
internal readonly struct Formula(string symbols, string source, Product first, Product second = default, Product third = default, long shards = 1)
{
    /// <summary>Of all ranks together.</summary>
    public long Whole => checked(first.Bytes + second.Bytes + third.Bytes);

    /// <summary>The same sum over <paramref name="ranks"/> ranks.</summary>
    public Formula Over(long ranks) => new(symbols, source, first, second, third, ranks);

    /// <summary>Of one rank.</summary>
    public long Bytes => Whole is > 0 and var whole ? Ratio.DivideUp(whole, shards) : 0;

    /// <summary>Nothing for nothing.</summary>
    public Explanation Explain()
    {
        string[] numbers = [.. new[] { first, second, third }.Where(product => product.Bytes > 0).Select(product => product.ToString())];
        if (numbers.Length == 0)
            return Explanation.None;
        var sum = string.Join(" + ", numbers);
        return shards == 1 ? new Explanation(symbols, sum, source) : new Explanation(
            $"{(symbols.Contains('+', StringComparison.Ordinal) ? $"({symbols})" : symbols)} / (dp · cp)",
            $"{(numbers.Length > 1 ? $"({sum})" : sum)} / {shards.ToString("N0", CultureInfo.InvariantCulture)}",
            source);
    }
}

/// <summary>Bytes of each of so many elements.</summary>
/// <param name="Each">Bytes of one.</param>
/// <param name="Count">How many there are; 0 leaves the product out of its formula.</param>
/// <param name="Times">How often: elements are often rows of so many columns.</param>
internal readonly record struct Product(Ratio Each, long Count, long Times = 1)
{
    public Product(long each, long count, long times = 1)
        : this(Ratio.Whole(each), count, times)
    {
    }

    public long Bytes => Count == 0 ? 0 : Each.Of(checked(Count * Times));

    public override string ToString()
    {
        var (each, times) = (((decimal)Each.Numerator / Each.Denominator).ToString("#,##0.######", CultureInfo.InvariantCulture), Times == 1 ? "" : $" · {N(Times)}");
        return Each == Ratio.Whole(1) ? $"{N(Count)}{times} B" : $"{each} B · {N(Count)}{times}";

        static string N(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
    }
}

/// <summary>A formula in symbols, with numbers put in, and where it comes from.</summary>
internal sealed record Explanation(string Formula, string Numbers, string Source)
{
    public static readonly Explanation None = new("", "", "");

    /// <summary>Of what two formulas come to together.</summary>
    public static Explanation operator +(Explanation a, Explanation b) => a == None ? b : a.And('+', b);

    /// <summary>Of the first without the second.</summary>
    public static Explanation operator -(Explanation a, Explanation b) => a.And('−', b.Numbers.Contains('+', StringComparison.Ordinal) ? b with { Numbers = $"({b.Numbers})" } : b);

    private Explanation And(char sign, Explanation other) => other == None ? this : new(
        sign == '+' && Formula == other.Formula ? Formula : $"{Formula} {sign} {other.Formula}",
        $"{Numbers} {sign} {other.Numbers}",
        Source.Contains(other.Source, StringComparison.Ordinal) ? Source : $"{Source}; {other.Source}");
}
