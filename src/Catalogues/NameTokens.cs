namespace GpuMem.Catalogues;

/// <summary>
/// A name as the sequence of its runs of letters and digits, so that <c>Llama-3.1-8B</c>, <c>llama3.1-8b</c> and <c>LLAMA 3.1 8B</c> are one name,
/// while <c>llama-3-18b</c> stays another.
/// </summary>
internal static class NameTokens
{
    /// <summary>The runs, in lower case, joined by spaces.</summary>
    public static string Of(ReadOnlySpan<char> name)
    {
        // A space before each character, at most.
        Span<char> tokens = name.Length <= 128 ? stackalloc char[2 * name.Length] : new char[2 * name.Length];
        var (length, previous) = (0, Kind.Other);
        foreach (var character in name)
        {
            var kind = KindOf(character);
            if (kind != Kind.Other)
            {
                if (kind != previous && length > 0)
                    tokens[length++] = ' ';
                tokens[length++] = char.ToLowerInvariant(character);
            }

            previous = kind;
        }

        return new string(tokens[..length]);
    }

    private static Kind KindOf(char character) =>
        char.IsAsciiDigit(character) ? Kind.Digit : char.IsAsciiLetter(character) ? Kind.Letter : Kind.Other;

    private enum Kind
    {
        Other,
        Letter,
        Digit,
    }
}
