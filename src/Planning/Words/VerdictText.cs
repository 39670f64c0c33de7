using System.Globalization;
using System.Text;
using GpuMem.Estimation;
using GpuMem.Estimation.Models;
using GpuMem.Planning.Search;

namespace GpuMem.Planning.Words;

/// <summary>
/// What a plan says to people. The verdict and the best fix stand in the first 200 characters, because events and one-line displays cut there;
/// no pod or node names, so that the events of many pods aggregate into one.
/// </summary>
public static class VerdictText
{
    /// <summary>The longest text of a denial; the API server's event keeps 1 KiB.</summary>
    public const int MaxLength = 1000;

    /// <summary>The longest line, as the API advises for warnings.</summary>
    public const int LongestLine = 120;

    /// <summary>Characters that are given up at the end of a text that is cut, at most: a name may be longer, and has a beginning that tells.</summary>
    private const int LongestWord = 16;

    /// <summary>One line without the fixes, of at most 120 characters.</summary>
    public static string Line(Plan plan) => Short(Sentence(plan));

    /// <summary>The whole answer: verdict, fixes with the number each leads to, the largest terms, where to read more.</summary>
    /// <param name="more">A command that shows more, <c>kubectl describe trainingjob/x</c>; null leaves it out.</param>
    /// <param name="assumed">What had to be assumed; null when nothing had.</param>
    public static string Full(Plan plan, string? more = null, string? assumed = null)
    {
        var text = new StringBuilder(Sentence(plan));
        if (plan.Verdict == Verdict.Invalid)
            foreach (var problem in plan.Problems.Skip(1))
                text.Append("; ").Append(problem);
        text.Append('.');
        if (plan.Best is { } chosen && (chosen.Open & ~OpenFields.Data) != OpenFields.None)
            text.Append(" Chosen: ").AppendJoin(", ", chosen.Chosen).Append('.');
        if (plan.Suggestions.Count > 0)
            text.Append(" Fix: ").AppendJoin(" or ", plan.Suggestions.Take(3).Select(Fix)).Append('.');
        else if (plan.Verdict.Rejects())
            text.Append(" No change of settings that GpuMem knows makes it fit on these pools: add a pool with larger GPUs or choose a smaller model.");
        if (assumed is not null)
            text.Append(" It ").Append(assumed).Append('.');
        if (plan.Best?.Note is { } note)
            text.Append(" Note: ").Append(note).Append('.');
        if (plan is { Verdict: Verdict.Impossible, Best.Estimate: var impossible })
            text.Append(" Weights and states alone are ").Append(impossible.LowerBound).Append('.');
        if (plan.Estimate is { } estimate)
            text.Append(" Largest: ").Append(Largest(estimate)).Append('.');
        if (more is not null)
            text.Append(" More: ").Append(more);
        return Cut(text.ToString(), MaxLength);
    }

    /// <summary>One suggestion with its number: <c>training.recompute=Full (44.1 GiB)</c>.</summary>
    public static string Fix(Suggestion suggestion) =>
        $"{string.Join(" and ", suggestion.Changes.Select(change => $"{change.Path}={change.Value}"))} ({suggestion.Result.Estimate.Expected}{On(suggestion.Result)})";

    private static string On(Candidate result)
    {
        var gpus = result.Gpus == 1 ? "1 GPU" : $"{result.Gpus} GPUs";
        var lack = result.GpusShort > 0 ? $", which has {result.Pool.Gpus}" : "";
        var risk = result.Verdict == Verdict.AtRisk && !(result.GpusShort > 0 && result.HasRoom) ? ", tight" : "";
        return $" on {gpus} of {result.Pool.Name}{lack}{risk}";
    }

    /// <summary>What is needed and what there is, without the fixes.</summary>
    public static string Sentence(Plan plan) => plan switch
    {
        { Verdict: Verdict.Invalid } => $"cannot run: {plan.Problems[0]}",
        { Best: null, Estimate: { } estimate } => $"{Need(estimate)} on one GPU; {(plan.Problems is [var problem, ..] ? problem : "no GPU pool is known to hold it against")}",
        { Best: { } best } => Sentence(best),
        _ => "no estimate",
    };

    private static string Sentence(Candidate best)
    {
        var need = Need(best.Estimate);
        if (best.Pool.Unknown is { } why)
            return $"{need}; {why}";
        if (best.Available is null && best.Verdict.Rejects())
            return $"{need}; {best.Pool.Product} has at most {best.Pool.LargestMemory}";
        if (best.Available is not { } usable)
            return $"{need}; the memory of {best.Pool.Product} is not known";
        if (best.EngineProblem is { } engine)
            return $"{need}; {best.Pool.Product} has {best.Pool.UsableMemory}, but {engine}";
        var has = best.Estimate.Engine is { Sleeps: false } shares ? $"{usable} beside the generation engine's {shares.MemoryPercent} %" : $"{usable}";
        return best.Verdict switch
        {
            _ when best.IsGuess => $"{need}; {best.Pool.Product} has {has} ({best.Short} short)",
            Verdict.DoesNotFit or Verdict.Impossible => $"{need}; {best.Pool.Product} has {has} ({best.Short} short)",
            Verdict.AtRisk when best.PodsExceedNodes && best.HasRoom => $"{need}; {best.Pool.Product} has {has}, but a pod asks for {best.GpusPerNode} GPUs and no node of {best.Pool.Name} has more than {best.Pool.GpusPerNode}",
            Verdict.AtRisk when best.GpusShort > 0 && best.HasRoom => $"{need}; {best.Pool.Product} has {has}, but {best.Pool.Name} has {best.Pool.Gpus} of the {best.Gpus} GPUs",
            Verdict.AtRisk when best.Estimate.Needed > usable && !best.Pool.Heterogeneous => $"{need}; {best.Pool.Product} has {has} for sure and {best.Pool.LargestMemory} at the most: it may run out of memory",
            Verdict.AtRisk when best.Estimate.Needed > usable => $"{need}; the smallest GPU of {best.Pool.Name} has {has}: it may run out of memory",
            Verdict.AtRisk when best.Estimate.Expected > usable => $"{need}, {best.Estimate.Needed} without allocator cache; {best.Pool.Product} has {has}: very tight",
            Verdict.AtRisk when best.Estimate.UpperBound <= usable => $"{need}, up to {best.Estimate.UpperBound}; {best.Pool.Product} has {has}: less headroom than asked for",
            Verdict.AtRisk => $"{need}, up to {best.Estimate.UpperBound}; {best.Pool.Product} has {has}: it may run out of memory",
            Verdict.Unknown => $"{need} on {best.Gpus} GPUs of {best.Pool.Name}, more than are known to exist",
            _ => $"{need}; {best.Pool.Product} has {has}",
        };
    }

    private static string Need(Estimate estimate) => $"needs {estimate.Expected} per GPU{Guess(estimate.Model)}";

    /// <summary>What of a model's size is a guess, after a comma; nothing where none of it is.</summary>
    internal static string Guess(ModelArchitecture model) => model switch
    {
        { UnknownFamily: "" } => ", sized like Llama (no model_type is given)",
        { UnknownFamily: { } family } => $", sized like Llama ('{Cut(family, 25)}' is not known)",
        { UnreadFields: [var field, ..] } => $", without what '{Cut(field, 40)}' may add (its config.json states it, and it is not read)",
        _ => "",
    };

    internal static string Largest(Estimate estimate) => string.Join(", ", estimate.Terms
        .OrderByDescending(term => term.Expected)
        .Take(3)
        .Select(term => string.Create(CultureInfo.InvariantCulture, $"{TermNames.Of(term.Kind)} {term.Expected.GiB:0.0}"))) + " GiB";

    /// <summary>At most 120 characters, as the API advises for warnings.</summary>
    public static string Short(string text) => Cut(text, LongestLine);

    /// <summary>Behind a whole word, where one ends nearby: half of one says something else or nothing.</summary>
    internal static string Cut(string text, int length)
    {
        if (text.Length <= length)
            return text;
        var kept = text.AsSpan(0, length - 1);
        if (text[kept.Length] != ' ' && kept.LastIndexOf(' ') is var end && end > kept.Length - LongestWord)
            kept = kept[..end];
        return string.Concat(kept.TrimEnd(" ,;:(-"), "…");
    }
}
