using GpuMem.Evaluation.Sizes;

namespace GpuMem.Evaluation.Tests.Sizes;

/// <summary>Our sizes of models beside those of the real classes of transformers.</summary>
public sealed class SizesTests
{
    private static readonly IReadOnlyList<SizeScore> Scores = [.. WeighedModel.All(Path.Combine(AppContext.BaseDirectory, "oracle")).Select(SizeScore.Of)];

    public static TheoryData<string> Kinds => [.. Scores.Select(score => score.Weighed.Kind).Distinct()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Nineteen_of_twenty_types_are_sized_to_a_thousandth(string kind)
    {
        var measured = Of(kind).Where(score => score.Weighed.Parameters is not null).ToArray();
        Assert.InRange(measured.Count(score => Math.Abs(score.Error ?? 100) <= SizeScore.Exact), 0.95 * measured.Length, measured.Length);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void No_size_is_wrong_without_saying_so(string kind) => Assert.All(Of(kind), score =>
    {
        if (!score.IsGuess)
            Assert.InRange(score.Error ?? 0, -1, 1);
    });

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Nineteen_of_twenty_caches_are_the_real_ones_to_the_byte(string kind)
    {
        var measured = Of(kind).Where(score => score.CacheIsEqual is not null).ToArray();
        Assert.InRange(measured.Count(score => score.CacheIsEqual == true), 0.95 * measured.Length, measured.Length);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Of_a_model_that_is_sized_exactly_every_field_is_read_or_known_to_carry_no_size(string kind) => Assert.All(
        Of(kind).Where(score => Math.Abs(score.Error ?? 100) <= SizeScore.Exact), score => Assert.Empty(score.Model!.UnreadFields));

    [Fact]
    public void What_is_refused_says_which_field_or_which_kind_of_model_it_is() => Assert.All(
        Scores.Where(score => score.Refusal is not null && score.Weighed.Config is not null), score => Assert.Matches("is missing|missing, under|are covered|is \\[|differs", score.Refusal));

    private static IEnumerable<SizeScore> Of(string kind) => Scores.Where(score => score.Weighed.Kind == kind);
}
