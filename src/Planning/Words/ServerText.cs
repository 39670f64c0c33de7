using System.Globalization;
using System.Text;
using GpuMem.Estimation;
using GpuMem.Serving;
using GpuMem.Planning.Serving;

namespace GpuMem.Planning.Words;

/// <summary>
/// What the plan of a model server says to people, as <see cref="VerdictText"/> does of a job's: verdict and best fix first, no names of pods or nodes.
/// </summary>
public static class ServerText
{
    /// <summary>One line without the fixes; where there is no room for any cache, and the line too long, without the length that was asked for.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="longest">Characters that it may have.</param>
    public static string Line(ServerPlan plan, int longest = VerdictText.LongestLine)
    {
        var line = Sentence(plan);
        return line.Length > longest && plan is { Best: { Capacity.Cache.Value: 0, EngineProblem: null } best } && line.StartsWith(Need(best), StringComparison.Ordinal)
            ? VerdictText.Cut($"needs {best.Estimate.Expected} per GPU{line[Need(best).Length..]}", longest)
            : VerdictText.Cut(line, longest);
    }

    /// <summary>The whole answer: verdict, fixes with what each leads to, the largest terms, where to read more.</summary>
    /// <param name="more">A command that shows more, <c>kubectl describe modelserver/x</c>; null leaves it out.</param>
    public static string Full(ServerPlan plan, string? more = null)
    {
        var text = new StringBuilder(Sentence(plan));
        if (plan.Verdict == Verdict.Invalid)
            foreach (var problem in plan.Problems.Skip(1))
                text.Append("; ").Append(problem);
        text.Append('.');
        if (plan.Suggestions.Count > 0)
            text.Append(" Fix: ").AppendJoin(" or ", plan.Suggestions.Take(3).Select(Fix)).Append('.');
        else if (plan.Verdict.Rejects())
            text.Append(" No change of settings that GpuMem knows makes it start on these pools: add a pool with larger GPUs or choose a smaller model.");
        if (plan.Best is { Note: { } note } best && !(best.PodsLackGpus && plan.Verdict == Verdict.AtRisk))
            text.Append(" Note: ").Append(note).Append('.');
        if (plan.Estimate is { } estimate)
            text.Append(" Largest: ").Append(VerdictText.Largest(estimate)).Append('.');
        if (more is not null)
            text.Append(" More: ").Append(more);
        return VerdictText.Cut(text.ToString(), VerdictText.MaxLength);
    }

    /// <summary>One suggestion with what it leads to: <c>tensor=4 (holds 431,000 tokens on 4 GPUs of h100)</c>.</summary>
    public static string Fix(ServerSuggestion suggestion)
    {
        var result = suggestion.Result;
        var changes = string.Join(" and ", suggestion.Changes.Select(change => $"{change.Path}={change.Value}"));
        var lack = result.GpusShort > 0 ? $", which has {result.Pool.Gpus}" : "";
        var risk = result.Verdict == Verdict.AtRisk ? ", tight" : "";
        return $"{changes} ({Holds(result)} on {Gpus(result.Gpus)} of {result.Pool.Name}{lack}{risk})";
    }

    /// <summary>What is needed and what there is, without the fixes.</summary>
    public static string Sentence(ServerPlan plan) => plan switch
    {
        { Verdict: Verdict.Invalid } => $"cannot be served: {plan.Problems[0]}",
        { Best: { } best } => Sentence(best),
        { Estimate: { } estimate } => $"needs {estimate.Expected} per GPU; {(plan.Problems is [var problem, ..] ? problem : "no GPU pool is known to hold it against")}",
        _ => "no estimate",
    };

    private static string Sentence(ServerCandidate best)
    {
        var need = Need(best);
        if (best.Pool.Unknown is { } why)
            return $"{need}; {why}";
        if (ServingRule.Seen(best.Pool, Bytes.Zero) is not var (usable, ofHost) || best.Capacity is not { } capacity)
            return $"{need}; the memory of {best.Pool.Product} is not known";
        var whole = ofHost > Bytes.Zero ? $"{usable} together with its host" : $"{usable}";
        var has = $"{need}; {best.Pool.Product} has {whole}";
        return best switch
        {
            // The need is not what is in the way, and one line may have room for one of the two.
            { EngineProblem: { } problem } => $"{best.Pool.Product} has {whole}, but {problem}; {need}",
            { IsGuess: true } or { Verdict: Verdict.DoesNotFit or Verdict.Impossible } => capacity.Cache == Bytes.Zero ? Lack(best, need, usable) : TooLong(best, capacity, usable),
            { Verdict: Verdict.AtRisk, PodsLackGpus: true, IsExpectedToFit: true, Note: { } note } => $"{has}; {note}",
            { Verdict: Verdict.AtRisk, HoldsLess: true } =>
                $"{best.Spec.Engine} serves {N(capacity.MaxContext)} of the {N(best.Spec.InputLength + best.Spec.OutputLength)} tokens on {best.Pool.Product} ({usable}): its cache has no room for more",
            { Verdict: Verdict.AtRisk, IsExpectedToFit: false } => $"{has}: {best.Spec.Engine} may not start",
            { Verdict: Verdict.AtRisk, StartsForSure: false } =>
                string.Create(CultureInfo.InvariantCulture, $"{has}: {best.Spec.Engine} may not find {EngineDefaults.MemoryFraction(best.Spec) * 100:0.#} % of it free at start"),
            { Verdict: Verdict.AtRisk } when capacity.Sequences < best.Spec.Batch =>
                $"{has}: it holds {N(capacity.Sequences)} of the {N(best.Spec.Batch)} sequences at once, the others wait",
            { Verdict: Verdict.AtRisk } => $"{has}: it holds {N(capacity.MaxContext)} tokens, if nothing needs more than expected",
            _ => $"{has}: it holds {N(capacity.Tokens)} tokens, {N(capacity.Sequences)} such sequences at once",
        };
    }

    /// <summary>Of a GPU that an engine does not start on: what is in the way. An engine that takes a share needs no more than there is, and still has no room.</summary>
    private static string Lack(ServerCandidate best, string need, Bytes usable) =>
        best.Verdict == Verdict.Impossible ? $"{need}; {best.Pool.Product} has {usable}: the weights alone are more"
        : EngineDefaults.MemoryFraction(best.Spec) is not { } share ? $"{need}; {best.Pool.Product} has {usable}: nothing is left for the cache"
        : string.Create(CultureInfo.InvariantCulture, $"{need}; {best.Spec.Engine} takes {share * 100:0.#} % of {best.Pool.Product}, {new Bytes((long)(share * usable.Value))}: nothing is left for the cache");

    /// <summary>The engine takes only its part of the memory, so that what is needed may be less than there is: tokens tell what is lacking.</summary>
    private static string TooLong(ServerCandidate best, InferenceCapacity capacity, Bytes usable) =>
        $"a cache of {N(Math.Min(capacity.MaxContext, best.Spec.InputLength + best.Spec.OutputLength))} tokens on {best.Pool.Product} ({usable}) is too small for {Sequences(best)}{VerdictText.Guess(best.Spec.Model)}";

    private static string Need(ServerCandidate best) => $"needs {best.Estimate.Expected} per GPU for {Sequences(best)}{VerdictText.Guess(best.Spec.Model)}";

    private static string Sequences(ServerCandidate best)
    {
        var tokens = N(best.Spec.InputLength + best.Spec.OutputLength);
        return best.Spec.Batch == 1 ? $"a context of {tokens} tokens" : $"{N(best.Spec.Batch)} sequences of {tokens} tokens";
    }

    private static string Holds(ServerCandidate result) => result.Capacity is { } capacity && result.Estimate.AllocatorUse is null ? $"holds {N(capacity.Tokens)} tokens" : $"{result.Estimate.Expected}";

    /// <summary>So many, counted in words: <c>1 GPU</c>, <c>8 GPUs</c>.</summary>
    public static string Gpus(long count) => count == 1 ? "1 GPU" : $"{count} GPUs";

    private static string N(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
