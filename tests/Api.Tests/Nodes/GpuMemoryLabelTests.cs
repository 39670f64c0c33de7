using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using GpuMem.Api.Nodes;

namespace GpuMem.Api.Tests.NodeLabels;

public sealed class GpuMemoryLabelTests
{
    [Theory]
    [InlineData("81559", 81559)]
    [InlineData("24576", 24576)]
    [InlineData("0081559", 81559)]
    public void MiB_are_taken_as_they_are(string label, long mib) => Assert.Equal(mib, GpuMemoryLabel.TryReadMiB(label, out _));

    [Theory]
    [InlineData("85520809984", 81559)]
    [InlineData("24146608128", 23028)]
    public void Bytes_of_old_versions_are_told_apart_by_their_size(string label, long mib) => Assert.Equal(mib, GpuMemoryLabel.TryReadMiB(label, out _));

    [Theory]
    [InlineData(null, "missing")]
    [InlineData("", "not a number")]
    [InlineData("0", "broken MIG layout")]
    [InlineData("-1", "not a number")]
    [InlineData("+1", "not a number")]
    [InlineData(" 81559", "not a number")]
    [InlineData("81559 ", "not a number")]
    [InlineData("81,559", "not a number")]
    [InlineData("81559Mi", "not a number")]
    [InlineData("80GB", "not a number")]
    [InlineData("8e4", "not a number")]
    [InlineData("0x13E97", "not a number")]
    [InlineData("٨١٥٥٩", "not a number")]
    [InlineData("８１５５９", "not a number")]
    [InlineData("NaN", "not a number")]
    [InlineData("99999999999999999999", "not a number")]
    [InlineData("9223372036854775807", "more than any GPU has")]
    public void What_cannot_be_read_is_unknown_with_a_reason(string? label, string reason)
    {
        Assert.Null(GpuMemoryLabel.TryReadMiB(label, out var why));
        Assert.Contains(reason, why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("80")]
    [InlineData("1")]
    [InlineData("10000000")]
    public void A_figure_in_another_unit_is_no_tiny_gpu(string label)
    {
        Assert.Null(GpuMemoryLabel.TryReadMiB(label, out var why));
        Assert.Contains("less than any GPU has", why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_label_is_not_repeated_in_full()
    {
        GpuMemoryLabel.TryReadMiB(new string('x', 5000), out var why);

        Assert.InRange(why!.Length, 1, 100);
    }

    [Property(Arbitrary = [typeof(Labels)])]
    public bool Whatever_a_label_says_it_gives_a_believable_size_or_a_reason(string? label) =>
        GpuMemoryLabel.TryReadMiB(label, out var why) is { } mib ? mib is >= 256 and <= 16 << 20 && why is null : why is { Length: > 0 };

    private static class Labels
    {
        public static Arbitrary<string> AnyTextOrNumber => ArbMap.Default.ArbFor<string>().Generator
            .Or(ArbMap.Default.ArbFor<long>().Generator.Select(number => number.ToString(CultureInfo.InvariantCulture)))
            .ToArbitrary();
    }
}
