using System.Buffers;

namespace GpuMem.Catalogues.Models;

/// <summary>
/// One entry of a list of modules, in any of the spellings of today's files: a name or its end (<c>lm_head</c>, <c>mlp.gate</c>), a path with
/// stars (<c>model.layers.3.self_attn*</c>), or after <c>re:</c> the plain part of a regular expression (<c>.*</c>, <c>\.</c>, one choice in parentheses).
/// </summary>
/// <param name="Layer">The one layer that it is about; null for all.</param>
/// <param name="Path">What follows the layer, or the whole entry without one, with stars.</param>
internal readonly record struct ModulePattern(int? Layer, string Path)
{
    private const string Expression = "re:";
    private const string Layers = "layers.";
    private const string Weight = ".weight";
    private static readonly SearchValues<char> Special = SearchValues.Create(@"\[](){}+?|^$");
    private const int MaxLength = 512;
    private const int MaxChoices = 64;

    private bool IsAnchored { get; init; }

    /// <summary>The patterns that an entry stands for; none when it is an expression with more than the plain part.</summary>
    public static IEnumerable<ModulePattern> Read(string entry)
    {
        if (entry.Length is 0 or > MaxLength)
            return [];
        return entry.StartsWith(Expression, StringComparison.Ordinal) ? Choices(entry[Expression.Length..]).Select(Of) : [Of(entry.EndsWith(Weight, StringComparison.Ordinal) ? entry[..^Weight.Length] : entry)];
    }

    /// <summary>The module is named, or lies in one that is. Layers are not looked at.</summary>
    /// <param name="module">Its name, after the number of its layer if it has one.</param>
    public bool Names(string module)
    {
        if (IsAnchored)
            return Covers(Path, module);
        for (var start = 0; start >= 0; start = module.IndexOf('.', start) is var dot and >= 0 ? dot + 1 : -1)
            if (Covers(Path, module.AsSpan(start)))
                return true;
        return false;
    }

    private static bool Covers(ReadOnlySpan<char> path, ReadOnlySpan<char> module)
    {
        if (Matches(path, module))
            return true;
        for (var dot = module.LastIndexOf('.'); dot > 0; dot = module[..dot].LastIndexOf('.'))
            if (Matches(path, module[..dot]))
                return true;
        return false;
    }

    private static ModulePattern Of(string entry)
    {
        var at = entry.IndexOf(Layers, StringComparison.Ordinal);
        if (at < 0)
            return new(null, WithoutOwner(entry));
        var rest = entry[(at + Layers.Length)..];
        var dot = rest.IndexOf('.');
        var number = (dot < 0 ? rest : rest[..dot]).TrimEnd('*');
        var path = dot < 0 ? "*" : rest[(dot + 1)..];
        return new(int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var layer) ? layer : null, path.Length == 0 ? "*" : path) { IsAnchored = true };
    }

    /// <summary>Heads and embeddings lie under wrappers of many names.</summary>
    private static string WithoutOwner(string entry)
    {
        foreach (var owner in new[] { "language_model.model.", "language_model.", "model.language_model.", "model.", "transformer." })
            if (entry.StartsWith(owner, StringComparison.Ordinal) && entry.Length > owner.Length)
                return entry[owner.Length..];
        return entry;
    }

    /// <summary>As Python's <c>re.match</c>: from the start, whatever follows.</summary>
    private static IEnumerable<string> Choices(string expression)
    {
        var text = expression.StartsWith('^') ? expression[1..] : expression;
        text = text.EndsWith('$') ? text[..^1] : text + ".*";
        if (text.IndexOf('(') is var open and >= 0)
        {
            var close = text.IndexOf(')', open);
            var choices = close < 0 ? [] : text[(open + 1)..close].Split('|');
            return choices.Length is 0 or > MaxChoices ? [] : choices.Select(choice => Plain(text[..open] + choice + text[(close + 1)..])).OfType<string>();
        }

        return text.Split('|') is { Length: > 1 and <= MaxChoices } alternatives ? alternatives.SelectMany(Choices) : new[] { Plain(text) }.OfType<string>();
    }

    private static string? Plain(string text)
    {
        var path = text.Replace(@"\d+", "*", StringComparison.Ordinal).Replace("[0-9]+", "*", StringComparison.Ordinal).Replace(".*", "*", StringComparison.Ordinal)
            .Replace(@"\.", ".", StringComparison.Ordinal);
        return path.AsSpan().IndexOfAny(Special) >= 0 ? null : path;
    }

    /// <summary>A star stands for any characters, dots included.</summary>
    private static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        var (p, t, star, resume) = (0, 0, -1, 0);
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
                (star, resume, p) = (p, t, p + 1);
            else if (p < pattern.Length && pattern[p] == text[t])
                (p, t) = (p + 1, t + 1);
            else if (star >= 0)
                (p, t, resume) = (star + 1, resume + 1, resume + 1);
            else
                return false;
        }

        return pattern[p..].IndexOfAnyExcept('*') < 0;
    }
}
