using System.Text.Json;

namespace GpuMem.Estimation.Models;

/// <summary>Typed, named access to the fields of a configuration; every failure says which field and what was expected.</summary>
/// <param name="place">Where the fields are, as messages name it.</param>
internal readonly struct ConfigFields(JsonElement fields, string place)
{
    /// <summary>The first of <paramref name="names"/> that is present and not null.</summary>
    public long? Number(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (!Present(name, out var value))
                continue;
            if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= 0)
                return number;
            throw new ModelFormatException($"{place}: {name} is {Shown(value)}; expected a whole number that is not negative");
        }

        return null;
    }

    public long RequiredNumber(params ReadOnlySpan<string> names) =>
        Number(names) ?? throw new ModelFormatException($"{place}: {names[0]} is missing{Others(names)}; a decoder cannot be sized without it");

    public bool? Flag(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (!Present(name, out var value))
                continue;
            return value.ValueKind switch
            {
                JsonValueKind.True => true,
                JsonValueKind.False => false,
                _ => throw new ModelFormatException($"{place}: {name} is {Shown(value)}; expected true or false"),
            };
        }

        return null;
    }

    public string? Text(string name)
    {
        if (!Present(name, out var value))
            return null;
        return value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : throw new ModelFormatException($"{place}: {name} is {Shown(value)}; expected a text");
    }

    /// <summary>A rate such as dropout is given and above zero.</summary>
    public bool Positive(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (Present(name, out var value) && value.ValueKind == JsonValueKind.Number)
                return value.TryGetDouble(out var rate) && rate > 0;
        }

        return false;
    }

    public ModelFormatException Refusal(string reason) => new($"{place}: {reason}");

    private bool Present(string name, out JsonElement value) => fields.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;

    private static string Others(ReadOnlySpan<string> names) =>
        names.Length == 1 ? "" : $" (as are {string.Join(", ", names[1..].ToArray())})";

    private static string Shown(JsonElement value)
    {
        const int longest = 40;
        var text = value.GetRawText();
        return text.Length > longest ? text[..longest] + "…" : text;
    }
}
