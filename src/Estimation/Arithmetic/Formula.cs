using System.Globalization;

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

    public long Shards => shards;

    public string Source => source;

    /// <summary>The same sum from another source.</summary>
    public Formula From(string other) => new(symbols, other, first, second, third, shards);

    public Explanation Explain()
    {
        string[] numbers = [.. new[] { first, second, third }.Where(product => product.Count > 0).Select(product => product.ToString())];
        var sum = numbers.Length == 0 ? "0" : string.Join(" + ", numbers);
        if (shards == 1)
            return new Explanation(symbols, sum, source);
        return new Explanation(
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

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{(decimal)Each.Numerator / Each.Denominator:0.######} B · {Count:N0}{(Times == 1 ? "" : $" · {Times.ToString("N0", CultureInfo.InvariantCulture)}")}");
}

/// <summary>A formula in symbols, with numbers put in, and where it comes from.</summary>
internal sealed record Explanation(string Formula, string Numbers, string Source)
{
    public static readonly Explanation None = new("", "", "");
}
