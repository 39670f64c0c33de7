using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace GpuMem.Api.Commands.Training;

/// <summary>
/// The part of TOML that configurations of trainers are written in: tables with keys, and for values strings of one line, numbers, booleans and lists of
/// them. Whatever else TOML has is refused with its line.
/// </summary>
internal static class TomlText
{
    /// <summary>The values by their keys with those of their tables in front: training.seq_len.</summary>
    /// <exception cref="FormatException">It is no such text; says the line.</exception>
    public static JsonObject Read(string text)
    {
        var (keys, table, lines) = (new JsonObject(), "", text.Split('\n'));
        for (var at = 0; at < lines.Length; at++)
        {
            var (first, line) = (at + 1, Uncommented(lines[at]));
            if (line.Length == 0)
                continue;
            if (line[0] == '[')
            {
                table = line is ['[', not '[', .., ']'] && IsKey(line[1..^1].Trim()) ? $"{line[1..^1].Trim()}." : throw Unread(first, line);
                continue;
            }
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            var (key, value) = equals < 0 ? ("", "") : (line[..equals].Trim(), line[(equals + 1)..].Trim());

            // A list goes on until it is closed.
            var whole = new StringBuilder(value);
            for (var part = value; value.StartsWith('[') && !part.EndsWith(']') && at + 1 < lines.Length;)
                whole.Append(' ').Append(part = Uncommented(lines[++at]));
            if (!IsKey(key) || !keys.TryAdd(table + key, Value(whole.ToString().Trim()) ?? throw Unread(first, line)))
                throw Unread(first, line);
        }
        return keys;
    }

    private static FormatException Unread(int line, string text) => new($"line {line}: {text} is not read here: tables of keys with strings, numbers, booleans and lists of them are");

    private static bool IsKey(string text) => text.Length > 0 && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' or '.');

    /// <summary>A number sign between quotes is a letter like any other.</summary>
    private static string Uncommented(string line)
    {
        var quote = '\0';
        for (var at = 0; at < line.Length; at++)
        {
            if (quote == '"' && line[at] == '\\')
                at++;
            else if (quote == '\0' && line[at] == '#')
                return line[..at].Trim();
            else if (line[at] is '"' or '\'' && (quote == '\0' || quote == line[at]))
                quote = quote == '\0' ? line[at] : '\0';
        }
        return line.Trim();
    }

    private static JsonNode? Value(string text) => text switch
    {
        "true" or "false" => JsonValue.Create(text == "true"),
        ['[', .., ']'] => List(text[1..^1]),
        ['"', .., '"'] or ['\'', .., '\''] => String(text),
        _ when decimal.TryParse(text.Replace("_", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
        _ => null,
    };

    private static JsonValue? String(string text)
    {
        var (inner, isLiteral) = (text[1..^1], text[0] == '\'');
        if (isLiteral)
            return inner.Contains('\'', StringComparison.Ordinal) ? null : JsonValue.Create(inner);
        var unescaped = new StringBuilder();
        for (var at = 0; at < inner.Length; at++)
        {
            if (inner[at] == '"' || (inner[at] == '\\' && (at + 1 == inner.Length || inner[at + 1] is not ('"' or '\\'))))
                return null;
            unescaped.Append(inner[at] == '\\' ? inner[++at] : inner[at]);
        }
        return JsonValue.Create(unescaped.ToString());
    }

    /// <summary>Commas stand in no name that trainers are told in lists.</summary>
    private static JsonArray? List(string text)
    {
        if (text.Contains('[', StringComparison.Ordinal))
            return null;
        List<JsonNode?> items = [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Value)];
        return items.Contains(null) ? null : new JsonArray([.. items]);
    }
}
