using System.Text.Json;

namespace GpuMem.Catalogues.Models;

/// <summary>Typed, named access to the fields of a configuration; every failure says which field and what was expected.</summary>
/// <param name="fields">The object.</param>
/// <param name="place">Where the fields are, as messages name it.</param>
/// <param name="defaults">What the class takes for fields that are not stated; null when it is not known.</param>
internal sealed class ConfigFields(JsonElement fields, string place, ClassDefaults? defaults = null)
{
    private static readonly JsonElement Nothing = JsonElement.Parse("{}");

    private HashSet<string> Asked { get; init; } = [];

    /// <summary>Whether embedding and output matrix are one tensor as the whole model says it, of which these fields are a part; null when it does not.</summary>
    public bool? TiedAbove { get; private init; }

    /// <summary>The largest number that is read; a larger one is refused.</summary>
    public long Largest { get; private init; } = long.MaxValue;

    /// <summary>The same fields, of which no number may be larger.</summary>
    public ConfigFields UpTo(long largest) => new(fields, place, defaults) { TiedAbove = TiedAbove, UsualType = UsualType, IsNamedAsWhole = IsNamedAsWhole, Largest = largest, Asked = Asked };

    /// <summary>What the class takes for fields that are not stated; null when it is not known.</summary>
    public ClassDefaults? Defaults => defaults;

    /// <summary>The same fields as a part of a model that says, or does not say, whether embedding and output matrix are one.</summary>
    public ConfigFields TiedAs(bool? tied)
    {
        Asked.Add("tie_word_embeddings");
        return new(fields, place, defaults) { TiedAbove = tied, UsualType = UsualType, IsNamedAsWhole = IsNamedAsWhole, Largest = Largest, Asked = Asked };
    }

    /// <summary>As stated, else as the class that these fields are a part of has it.</summary>
    public string? ModelType => (IsNamedAsWhole ? null : Text("model_type")) ?? UsualType;

    /// <summary>The file repeats the whole model's type in this part, which is none of its own.</summary>
    public bool IsNamedAsWhole { get; private init; }

    /// <summary>The type of a part whose file does not state one; null at the top.</summary>
    public string? UsualType { get; init; }

    public bool Tied(bool otherwise) => TiedAbove ?? Flag("tie_word_embeddings", "tie_embeddings") ?? otherwise;

    /// <summary>The first of <paramref name="names"/> that is present and not null.</summary>
    public long? Number(params ReadOnlySpan<string> names)
    {
        if (!Find(names, out var name, out var value))
            return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= 0
            ? number <= Largest ? number : throw Refusal($"{name} is {number}; at most {Largest} is accepted")
            : throw new ModelFormatException($"{place}: {name} is {Shown(value)}; expected a whole number that is not negative");
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
            if (!States(name) || Number(name) is not { } number)
                continue;
            if (found is { } first && first != number)
                throw new ModelFormatException($"{place}: {from} is {first} but {name} is {number}, and both mean the same; remove the wrong one");
            (found, from) = (number, name);
        }

        return found ?? RequiredNumber(names);
    }

    public bool? Flag(params ReadOnlySpan<string> names)
    {
        if (!Find(names, out var name, out var value))
            return null;
        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw new ModelFormatException($"{place}: {name} is {Shown(value)}; expected true or false"),
        };
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
        element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out var number) && number <= Largest ? number : throw Refusal($"{name} contains {Shown(element)}; expected whole numbers of at most {Largest}")).ToList();

    /// <summary>The fields of a nested object; null when there is none.</summary>
    public ConfigFields? Nested(string name)
    {
        if (!Present(name, out var value) || value.ValueKind != JsonValueKind.Object)
            return null;
        var (type, usual) = (TypeOf(value), defaults?.TypeOf(name));
        var repeats = type is not null && usual is not null && type == TypeOf(fields);
        var inner = defaults is null ? ClassDefaults.Of(type, isNested: true) : defaults.Part(name, repeats ? null : type);
        return new ConfigFields(value, $"{place}: {name}", inner) { UsualType = usual, IsNamedAsWhole = repeats, Largest = Largest };
    }

    /// <summary>As <see cref="Nested"/>, or as the class builds a part that the file leaves out; null where it builds none.</summary>
    public ConfigFields? Part(string name) =>
        Nested(name) ?? (!Stated(name, out _) && defaults?.TypeOf(name) is { } type ? new ConfigFields(Nothing, $"{place}: {name}", defaults.Part(name, null, isStated: false)) { UsualType = type, Largest = Largest } : null);

    /// <summary>Entries of a list, whatever they are; null when there is none.</summary>
    public int? Length(string name) => Elements(name)?.Count;

    /// <summary>Fields that the file states otherwise than the class has them, that nobody asked for, and that nobody knows to be without size.</summary>
    public IEnumerable<string> Unread() => fields.EnumerateObject()
        .Where(field => !Asked.Contains(field.Name) && CarriesNumber(field.Value) && !IsDefault(field) && !FieldsWithoutSize.Contains(field.Name))
        .Select(field => field.Name);

    private bool IsDefault(JsonProperty field) => defaults is not null && defaults.Declares(field.Name, out var usual) && (usual is not { } value || JsonElement.DeepEquals(value, field.Value));

    private static bool CarriesNumber(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => !value.TryGetInt64(out var number) || number > 1,
        JsonValueKind.True => true,
        JsonValueKind.Array => value.EnumerateArray().Any(CarriesNumber),
        JsonValueKind.Object => value.EnumerateObject().Any(field => CarriesNumber(field.Value)),
        _ => false,
    };

    /// <summary>What the fields are called.</summary>
    public IEnumerable<string> Names() => fields.EnumerateObject().Select(field => field.Name);

    public bool Has(string name) => Present(name, out _);

    /// <summary>The file itself states it, and not as null.</summary>
    public bool States(string name) => Stated(name, out var value) && value.ValueKind != JsonValueKind.Null;

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

    /// <summary>The first of the names that the file states, else the first of which the class has a value; a field stated as null has none.</summary>
    private bool Find(ReadOnlySpan<string> names, out string found, out JsonElement value)
    {
        var isNull = false;
        foreach (var name in names)
        {
            if (Stated(found = name, out value) || (defaults?.NameOf(name) is { } own && Stated(found = own, out value)))
            {
                if (value.ValueKind != JsonValueKind.Null)
                    return true;
                isNull = true;
            }
        }

        foreach (var name in names)
        {
            if (!isNull && defaults is not null && (defaults.TryGet(found = name, out value) || (defaults.NameOf(name) is { } own && defaults.TryGet(found = own, out value))))
                return true;
        }

        (found, value) = (names[0], default);
        return false;
    }

    private static string? TypeOf(JsonElement part) => part.TryGetProperty("model_type", out var stated) && stated.ValueKind == JsonValueKind.String ? stated.GetString() : null;

    private bool Stated(string name, out JsonElement value)
    {
        Asked.Add(name);
        return fields.TryGetProperty(name, out value);
    }

    private bool Present(string name, out JsonElement value) => Find([name], out _, out value);

    private static string Others(ReadOnlySpan<string> names) =>
        names.Length == 1 ? "" : $" (as are {string.Join(", ", names[1..].ToArray())})";

    private static string Shown(JsonElement value)
    {
        const int longest = 40;
        var text = value.GetRawText();
        return text.Length > longest ? text[..longest] + "…" : text;
    }
}
