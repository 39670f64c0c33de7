namespace GpuMem.Kubernetes.Models;

/// <summary>
/// An amount such as <c>80Gi</c>, <c>500m</c> or <c>1e3</c>. As upstream: at most 2^63-1 in magnitude (larger is capped) and
/// nine decimal places (finer is rounded away from zero). Equality and order go by amount; the notation is kept for writing.
/// </summary>
[JsonConverter(typeof(QuantityConverter))]
public readonly struct Quantity : IEquatable<Quantity>, IComparable<Quantity>
{
    private readonly decimal _amount;

    public Quantity(decimal amount, ResourceQuantity.SuffixFormat notation = ResourceQuantity.SuffixFormat.DecimalSI)
    {
        _amount = QuantityParser.Bound(amount);
        Notation = notation;
    }

    /// <summary>Which suffixes it is written with.</summary>
    public ResourceQuantity.SuffixFormat Notation { get; }

    public static Quantity Parse(string text) =>
        QuantityParser.TryParse(text, out Quantity value, out string? error) ? value : throw new FormatException(error);

    public static bool TryParse([NotNullWhen(true)] string? text, out Quantity value) =>
        QuantityParser.TryParse(text, out value, out _);

    /// <summary>The same amount as KubernetesClient's type, whose own parser and text are not asked.</summary>
    public static Quantity Of(ResourceQuantity quantity) => new(quantity.ToDecimal(), quantity.Format);

    public ResourceQuantity ToResourceQuantity() => new(_amount, 0, Notation);

    public decimal ToDecimal() => _amount;

    /// <summary>Fractions round away from zero, as upstream's <c>Value()</c>: half a byte needs a byte.</summary>
    public long ToInt64() => (long)(_amount < 0 ? decimal.Floor(_amount) : decimal.Ceiling(_amount));

    /// <summary>The one spelling that equal amounts in the same notation share: <c>1024Mi</c> becomes <c>1Gi</c>.</summary>
    public override string ToString() => QuantityFormatter.Format(_amount, Notation);

    public bool Equals(Quantity other) => _amount == other._amount;

    public override bool Equals(object? obj) => obj is Quantity other && Equals(other);

    public override int GetHashCode() => _amount.GetHashCode();

    public int CompareTo(Quantity other) => _amount.CompareTo(other._amount);

    public static implicit operator Quantity(string text) => Parse(text);

    public static bool operator ==(Quantity left, Quantity right) => left.Equals(right);

    public static bool operator !=(Quantity left, Quantity right) => !left.Equals(right);

    public static bool operator <(Quantity left, Quantity right) => left._amount < right._amount;

    public static bool operator >(Quantity left, Quantity right) => left._amount > right._amount;

    public static bool operator <=(Quantity left, Quantity right) => left._amount <= right._amount;

    public static bool operator >=(Quantity left, Quantity right) => left._amount >= right._amount;
}

/// <summary>What a quantity of KubernetesClient amounts to.</summary>
public static class ResourceQuantities
{
    /// <summary>
    /// Rounded up, as Go's <c>Value()</c> does it: their own <c>ToInt64</c> makes 0 of <c>100m</c>. A null in a file's list of amounts is none.
    /// </summary>
    public static long Value(this ResourceQuantity? quantity) => quantity is null ? 0 : Quantity.Of(quantity).ToInt64();
}
