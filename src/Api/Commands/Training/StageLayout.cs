using System.Globalization;
using System.Text;

namespace GpuMem.Api.Commands.Training;

/// <summary>
/// What Megatron's --pipeline-model-parallel-layout says, such as <c>Et*3|(tt|)*29,m|L</c>: embedding, layers, modules for further tokens and loss of each
/// chunk of layers (megatron/core/transformer/pipeline_parallel_layer_layout.py).
/// </summary>
/// <param name="First">Layers of the first stage.</param>
/// <param name="Last">Layers of the last stage.</param>
/// <param name="Chunks">Chunks of each stage.</param>
internal readonly record struct StageLayout(int First, int Last, int Chunks)
{
    // Far above any model: what is written short must not grow without bound.
    private const int MostLetters = 20_000;

    /// <param name="text">As the flag has it.</param>
    /// <param name="stages">Stages, among which the chunks are dealt out in turn.</param>
    /// <returns>Null for a text that is none, and where the stages between the first and the last differ, or the loss has a stage of its own.</returns>
    public static StageLayout? Of(string text, int stages)
    {
        var letters = Written(text.Replace(",", "", StringComparison.Ordinal));
        if (letters is null || letters.AsSpan().ContainsAnyExcept("ELtm|"))
            return null;
        var chunks = letters.Split('|');
        if (stages < 2 || chunks.Length % stages != 0 || !chunks[0].StartsWith('E') || !chunks[^1].EndsWith('L'))
            return null;
        var layers = new int[stages];
        for (var index = 0; index < chunks.Length; index++)
        {
            layers[index % stages] += chunks[index].Count(letter => letter == 't');
            if (chunks[index].Contains('m', StringComparison.Ordinal) && index % stages != stages - 1)
                return null;
        }

        var between = layers[1..^1];
        return Array.Exists(layers, count => count == 0) || Array.Exists(between, count => count != between[0]) ? null : new(layers[0], layers[^1], chunks.Length / stages);
    }

    /// <summary>First what stands in brackets, then single letters, as often as the number behind them says.</summary>
    private static string? Written(string text)
    {
        var whole = new StringBuilder();
        for (var at = 0; at < text.Length;)
        {
            var close = text[at] == '(' ? text.IndexOf(')', at) : -1;
            if (close < 0)
            {
                whole.Append(text[at++]);
                continue;
            }

            if (Repeat(whole, text[(at + 1)..close], text, close + 1) is not { } end)
                return null;
            at = end;
        }

        (text, whole) = (whole.ToString(), new StringBuilder());
        for (var at = 0; at < text.Length;)
        {
            if (Repeat(whole, text[at..(at + 1)], text, at + 1) is not { } end)
                return null;
            at = end;
        }

        return whole.ToString();
    }

    /// <summary>Appends a part as often as is said at <paramref name="at"/>, once where nothing is.</summary>
    /// <returns>Where the text goes on; null when it would grow too long.</returns>
    private static int? Repeat(StringBuilder whole, string part, string text, int at)
    {
        var (end, times) = (at, 1);
        if (at < text.Length && text[at] == '*')
        {
            end = at + 1;
            while (end < text.Length && char.IsAsciiDigit(text[end]))
                end++;
            if (!int.TryParse(text.AsSpan(at + 1, end - at - 1), NumberStyles.None, CultureInfo.InvariantCulture, out times))
                return null;
        }

        if (whole.Length + ((long)part.Length * times) > MostLetters)
            return null;
        whole.Insert(whole.Length, part, times);
        return end;
    }
}
