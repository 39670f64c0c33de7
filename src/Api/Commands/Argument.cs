namespace GpuMem.Api.Commands;

/// <summary>How many words a flag takes for its value.</summary>
internal enum FlagValues
{
    /// <summary>It stands alone.</summary>
    None,

    /// <summary>One, or none (argparse's nargs="?").</summary>
    AtMostOne,
    One,

    /// <summary>All up to the next flag (nargs="+").</summary>
    Several,
}

/// <summary>A flag of a command line with its value, or a word that is neither.</summary>
/// <param name="Name">The flag, with dashes for underscores as all these parsers take them; null for a word without one.</param>
/// <param name="Values">The words of the value; the word itself where there is no flag.</param>
/// <param name="Said">All of it as it was written.</param>
/// <param name="Words">How many words it is made of.</param>
internal readonly record struct Argument(string? Name, IReadOnlyList<string> Values, string Said, int Words)
{
    /// <param name="words">The command line, without the program.</param>
    /// <param name="values">What a flag takes; null for one that is not known, which is given the word behind it unless that is a script.</param>
    public static IEnumerable<Argument> Split(IReadOnlyList<string> words, Func<string, FlagValues?> values)
    {
        for (var at = 0; at < words.Count;)
        {
            var argument = At(words, at, values);
            yield return argument;
            at += argument.Words;
        }
    }

    /// <summary>What begins at a word.</summary>
    public static Argument At(IReadOnlyList<string> words, int at, Func<string, FlagValues?> values)
    {
        var word = words[at];
        if (!IsFlag(word))
            return new Argument(null, [word], word, 1);
        var equals = word.StartsWith("--", StringComparison.Ordinal) ? word.IndexOf('=', StringComparison.Ordinal) : -1;
        if (equals >= 0)
            return new Argument(NameOf(word[..equals]), [word[(equals + 1)..]], word, 1);
        var name = NameOf(word);
        var most = (values(name) ?? (at + 1 < words.Count && words[at + 1].EndsWith(".py", StringComparison.Ordinal) ? FlagValues.None : FlagValues.One)) switch { FlagValues.None => 0, FlagValues.Several => int.MaxValue, _ => 1 };
        List<string> taken = [.. words.Skip(at + 1).TakeWhile(next => !IsFlag(next)).Take(most)];
        return new Argument(name, taken, taken.Count == 0 ? word : $"{word} {string.Join(' ', taken)}", 1 + taken.Count);
    }

    /// <summary>Underscores are as good as dashes.</summary>
    public static string NameOf(string flag) => flag.StartsWith("--", StringComparison.Ordinal) ? flag.Replace('_', '-') : flag;

    public static bool IsFlag(string word) => word.Length > 1 && word[0] == '-' && !char.IsAsciiDigit(word[1]);
}
