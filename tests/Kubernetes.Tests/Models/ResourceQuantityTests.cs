using System.Globalization;
using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace GpuMem.Kubernetes.Tests.Models;

[Trait("Fault", "C41")]
public sealed class ResourceQuantityTests
{
    [Theory]
    [InlineData("0", "0", 0)]
    [InlineData("1.5Gi", "1536Mi", 1610612736)]
    [InlineData("100m", "100m", 1)]
    [InlineData("1e3", "1e3", 1000)]
    [InlineData("1E", "1E", 1000000000000000000)]
    [InlineData("0.1", "100m", 1)]
    [InlineData(".5", "500m", 1)]
    [InlineData("5.", "5", 5)]
    [InlineData("+1", "1", 1)]
    [InlineData("-1.5", "-1500m", -2)]
    [InlineData("1024Mi", "1Gi", 1073741824)]
    [InlineData("1000", "1k", 1000)]
    [InlineData("512Ki", "512Ki", 524288)]
    [InlineData("0.5Ki", "512", 512)]
    [InlineData("1n", "1n", 1)]
    [InlineData("0.1n", "1n", 1)]
    [InlineData("0.0000000001Ki", "103n", 1)]
    [InlineData("9223372036854775807", "9223372036854775807", long.MaxValue)]
    [InlineData("9223372036854775808", "9223372036854775807", long.MaxValue)]
    [InlineData("8Ei", "9223372036854775807", long.MaxValue)]
    [InlineData("1e-3", "1e-3", 1)]
    public void P1_Reads_and_writes_as_upstream(string text, string canonical, long value)
    {
        Quantity quantity = text;
        Assert.Equal(canonical, quantity.ToString());
        Assert.Equal(value, quantity.ToInt64());
    }

    [Theory]
    [InlineData("")]
    [InlineData("Gi")]
    [InlineData("1GiB")]
    [InlineData("1 Gi")]
    [InlineData("1.2.3")]
    [InlineData("--1")]
    [InlineData("1e")]
    [InlineData("NaN")]
    [InlineData("1e999999")]
    [InlineData("1e4294967296")]
    [InlineData("1e2147483647")]
    [InlineData("1e-2147483648")]
    [InlineData("1e3\0")]
    public void P1_Refuses_with_a_message_that_says_what_is_accepted(string text)
    {
        FormatException error = Assert.Throws<FormatException>(() => Quantity.Parse(text));
        Assert.Contains("expected a number such as", error.Message, StringComparison.Ordinal);
        Assert.False(Quantity.TryParse(text, out _));
    }

    [Property(MaxTest = 1_000)]
    public void P1_A_million_strings_are_read_as_exact_arithmetic_reads_them(DoNotSize<int> seed)
    {
        const int Strings = 1_000;
        QuantityStrings strings = new(seed.Item);
        for (int count = 0; count < Strings; count++)
        {
            string text = strings.Next();
            BigInteger? expected = ExactQuantity.Nanos(text);
            BigInteger? actual = Quantity.TryParse(text, out Quantity quantity) ? new BigInteger(quantity.ToDecimal() * 1_000_000_000m) : null;
            if (expected != actual)
                Assert.Fail($"'{text}' is {expected?.ToString(CultureInfo.InvariantCulture) ?? "no quantity"}, not {actual} billionths");
        }
    }

    [Fact]
    public void P1_Of_those_strings_many_are_quantities_and_many_are_not()
    {
        const int Strings = 100_000;
        QuantityStrings strings = new(seed: 20301);
        Assert.InRange(Enumerable.Range(0, Strings).Count(_ => ExactQuantity.Nanos(strings.Next()) is not null), Strings / 5, Strings * 4 / 5);
    }

    [Fact]
    public void P1_A_long_number_is_refused_before_it_is_read() =>
        Assert.False(Quantity.TryParse(new string('9', 100_000), out _));

    [Property(Arbitrary = [typeof(Quantities)])]
    public bool P1_Whatever_is_written_reads_back_as_the_same_amount(Quantity quantity) => Quantity.Parse(quantity.ToString()) == quantity;

    [Property(Arbitrary = [typeof(Quantities)])]
    public bool P1_Writing_what_was_read_changes_nothing(Quantity quantity) => Quantity.Parse(quantity.ToString()).ToString() == quantity.ToString();

    [Property(Arbitrary = [typeof(Quantities)])]
    public bool P1_Order_is_the_order_of_the_amounts(Quantity one, Quantity other) =>
        Math.Sign(one.CompareTo(other)) == Math.Sign(one.ToDecimal().CompareTo(other.ToDecimal()));

    [Property]
    public bool P1_Any_text_is_read_or_refused(string? text) => Quantity.TryParse(text, out _) || text is not "1";

    [Theory]
    [InlineData("\"80Gi\"")]
    [InlineData("85899345920")]
    public void Json_may_be_a_string_or_a_number(string json) =>
        Assert.Equal(Quantity.Parse("80Gi"), Quantity.Of(KubernetesJson.Default.Deserialize<V1Volume>(
            System.Text.Encoding.UTF8.GetBytes($$$"""{"emptyDir":{"sizeLimit":{{{json}}}}}"""))!.EmptyDir!.SizeLimit!));

    private static class Quantities
    {
        private static readonly string[] Suffixes = ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "e3", "e-2"];

        public static Arbitrary<Quantity> Amounts =>
            (from whole in Gen.Choose(-1_000_000, 1_000_000)
             from fraction in Gen.Choose(0, 9999)
             from suffix in Gen.Elements(Suffixes)
             select Quantity.Parse(string.Create(CultureInfo.InvariantCulture, $"{whole}.{fraction}{suffix}"))).ToArbitrary();
    }
}
