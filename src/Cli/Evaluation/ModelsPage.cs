using System.Globalization;
using System.Text;
using GpuMem.Evaluation.Sizes;

namespace GpuMem.Cli.Evaluation;

/// <summary>The page that holds the sizes of models against the real classes of transformers, type by type.</summary>
internal static class ModelsPage
{
    public static string Of(IReadOnlyList<SizeScore> scores)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"""
            # Models

            Every `model_type` that writes text in transformers {scores[0].Weighed.Transformers}, and published configurations, as GpuMem sizes them, held against the real
            classes: made without weights, with their real caches after a few tokens (`hack/oracle.sh sizes`). This page is written by
            `gpumem evaluate-models tests/Catalogues.Tests/oracle --page docs/models.md`.

            A model that is *refused* is no error of the cluster's: the reason names what stops us, and nothing is denied. *In part* says that a tower
            beside the language model, or a field, is not counted; such a size never denies either.

            | | types | sized within {SizeScore.Exact} % | in part | refused | off by more than 1 % and not said so | caches measured | equal to the byte |
            |---|---|---|---|---|---|---|---|

            """);
        foreach (var kind in scores.GroupBy(score => score.Weighed.Kind))
        {
            var measured = kind.Where(score => score.Weighed.Parameters is not null).ToArray();
            page.AppendLine(CultureInfo.InvariantCulture, $"| {kind.Key} | {measured.Length} | {measured.Count(IsExact)} | {measured.Count(score => !IsExact(score) && score.IsGuess)} | {measured.Count(score => score.Refusal is not null)} | {measured.Count(score => !score.IsGuess && Math.Abs(score.Error ?? 0) > 1)} | {kind.Count(score => score.CacheIsEqual is not null)} | {kind.Count(score => score.CacheIsEqual == true)} |");
        }

        foreach (var kind in scores.GroupBy(score => score.Weighed.Kind))
        {
            page.Append(CultureInfo.InvariantCulture, $"""

                ## {Title(kind.Key)}

                | {(kind.Key == "published" ? "configuration" : "model_type")} | parameters of the class | error | KV bytes per token | bytes per sequence | |
                |---|---|---|---|---|---|

                """);
            foreach (var score in kind)
                page.AppendLine(Row(score));
        }

        return page.ToString().ReplaceLineEndings("\n");
    }

    private static bool IsExact(SizeScore score) => Math.Abs(score.Error ?? 100) <= SizeScore.Exact;

    private static string Title(string kind) => kind switch
    {
        "causal" => "Types that write text",
        "image-text" => "Types that read pictures",
        _ => "Published configurations",
    };

    private static string Row(SizeScore score)
    {
        var error = score.Error is { } percent ? string.Create(CultureInfo.InvariantCulture, $"{(Math.Abs(percent) < 0.0005 ? 0 : percent):0.###} %") : "";
        return string.Create(CultureInfo.InvariantCulture, $"| `{score.Weighed.Name}` | {score.Weighed.Parameters:N0} | {error} | {Cache(score, cache => cache.PerToken.Value, real => real.PerToken)} | {Cache(score, cache => cache.PerSequence.Value, real => real.PerSequence)} | {Remark(score)} |");
    }

    private static string Cache(SizeScore score, Func<GpuMem.Serving.ModelCache, long> ours, Func<(long PerToken, long PerSequence), long> real)
    {
        if (score.Cache is not { } cache)
            return "";
        var text = ours(cache).ToString("N0", CultureInfo.InvariantCulture);
        return score.Weighed.Cache is { } measured && real(measured) != ours(cache) ? $"{text}, real {real(measured).ToString("N0", CultureInfo.InvariantCulture)}" : text;
    }

    private static string Remark(SizeScore score) => score switch
    {
        { Refusal: { } reason } => $"refused: {reason[(reason.IndexOf(": ", StringComparison.Ordinal) + 2)..]}",
        { Model: { UnknownFamily: { } family } } => $"in part: sized like Llama, `{family}` is not known",
        { Model: { UnreadFields: [_, ..] fields } } => $"in part: {string.Join(", ", fields.Select(field => $"`{field}`"))} not read",
        { IsGuess: true } => "in part: the language model alone",
        { Weighed: { Error: { } error } } => $"not weighed: {error.Split(':')[0]}",
        _ => "",
    };
}
