using System.Text.Json;

namespace GpuMem.Catalogues.Models;

/// <summary>Typed, named access to the fields of a configuration; every failure says which field and what was expected.</summary>
/// <param name="place">Where the fields are, as messages name it.</param>
internal sealed class ConfigFields(JsonElement fields, string place)
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

    /// <summary>A whole number that may be negative, where that has a meaning.</summary>
    public long? SignedNumber(string name) => !Present(name, out var value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number
        : throw Refusal($"{name} is {Shown(value)}; expected a whole number");

    public long RequiredNumber(params ReadOnlySpan<string> names) =>
        Number(names) ?? throw new ModelFormatException($"{place}: {names[0]} is missing{Others(names)}; the model cannot be sized without it");

    /// <summary>As <see cref="RequiredNumber"/>, for names that mean the same: two that disagree are a contradiction.</summary>
    public long AgreedNumber(params ReadOnlySpan<string> names)
    {
        var (found, from) = (default(long?), "");
        foreach (var name in names)
        {
            if (Number(name) is not { } number)
                continue;
            if (found is { } first && first != number)
                throw new ModelFormatException($"{place}: {from} is {first} but {name} is {number}, and both mean the same; remove the wrong one");
            (found, from) = (number, name);
        }

        return found ?? RequiredNumber(names);
    }

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

    /// <summary>A number that may have a fraction; null when there is none.</summary>
    public double? Fraction(string name) => !Present(name, out var value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number is > 0 and < 1e6 ? number
        : throw Refusal($"{name} is {Shown(value)}; expected a number above 0");

    public string? Text(string name)
    {
        if (!Present(name, out var value))
            return null;
        return value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : throw new ModelFormatException($"{place}: {name} is {Shown(value)}; expected a text");
    }

    /// <summary>The texts of a list; null when there is none.</summary>
    public IReadOnlyList<string>? Texts(string name) => Elements(name)?.Select(element =>
        element.ValueKind == JsonValueKind.String ? element.GetString()! : throw Refusal($"{name} contains {Shown(element)}; expected texts")).ToList();

    /// <summary>The whole numbers of a list; null when there is none or a single number stands in its place.</summary>
    public IReadOnlyList<long>? Numbers(string name) => Elements(name)?.Select(element =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out var number) ? number : throw Refusal($"{name} contains {Shown(element)}; expected whole numbers")).ToList();

    /// <summary>The fields of a nested object; null when there is none.</summary>
    public ConfigFields? Nested(string name) =>
        Present(name, out var value) && value.ValueKind == JsonValueKind.Object ? new ConfigFields(value, $"{place}: {name}") : null;

    public bool Has(string name) => Present(name, out _);

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

    private IReadOnlyList<JsonElement>? Elements(string name)
    {
        if (!Present(name, out var value) || value.ValueKind == JsonValueKind.Number)
            return null;
        return value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= ModelLimits.MaxLayers
            ? [.. value.EnumerateArray()]
            : throw Refusal($"{name} is {Shown(value)}; expected a list of at most {ModelLimits.MaxLayers}");
    }

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
