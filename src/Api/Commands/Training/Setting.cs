using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GpuMem.Api.Commands.Training;

/// <summary>A flag of a launcher's or trainer's command line, or a key of its file, and what it says of the job.</summary>
/// <param name="Names">As the program spells it; a key of a file stands as the flag of its name.</param>
/// <param name="Values">What the flag takes.</param>
/// <param name="Set">Writes what it says; false when the value is not understood. Null where it does not change the memory of the GPU.</param>
internal sealed record Setting(string[] Names, FlagValues Values, Func<TrainingDraft, JsonNode, bool>? Set)
{
    /// <summary>The keys inside, where the value is a mapping, or a file that holds one.</summary>
    public SettingTable? Section { get; init; }

    /// <summary>What a name means that stands where a file would, and comes with the program; null for other names.</summary>
    public Func<string, JsonObject?>? Shipped { get; init; }

    public static Setting Whole(Action<TrainingDraft, long> set, params string[] names) => new(names, FlagValues.One, (draft, value) =>
    {
        if (Number(value) is not { } number)
            return false;
        set(draft, number);
        return true;
    });

    /// <summary>A boolean of argparse as transformers makes them: true alone, or with a word behind it (hf_argparser.py, string_to_bool).</summary>
    public static Setting YesOrNo(Action<TrainingDraft, bool> set, params string[] names) => new(names, FlagValues.AtMostOne, (draft, value) =>
    {
        if (Truth(value) is not { } truth)
            return false;
        set(draft, truth);
        return true;
    });

    /// <summary>A flag that stands alone (argparse's store_true).</summary>
    public static Setting Switch(Action<TrainingDraft> set, params string[] names) => new(names, FlagValues.None, (draft, value) =>
    {
        if (Truth(value) == true)
            set(draft);
        return Truth(value) is not null;
    });

    public static Setting Word(Func<TrainingDraft, string, bool> set, params string[] names) =>
        new(names, FlagValues.One, (draft, value) => value is JsonValue && set(draft, Text(value)));

    /// <summary>A share of elements that are dropped out: whether any are.</summary>
    public static Setting Dropout(Action<TrainingDraft, bool> set, params string[] names) => Word((draft, text) =>
    {
        var isShare = decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share);
        if (isShare)
            set(draft, share > 0);
        return isShare;
    }, names);

    /// <summary>What makes a field only together with other keys.</summary>
    public static Setting Together(string name) => Word((draft, text) =>
    {
        draft.Together[name] = text;
        return true;
    }, name);

    /// <summary>A list, or words with blanks or commas between them.</summary>
    public static Setting Words(Func<TrainingDraft, IReadOnlyList<string>, bool> set, params string[] names) =>
        new(names, FlagValues.Several, (draft, value) => set(draft, [.. List(value)]));

    /// <summary>A mapping of further keys, or the path of a file that holds it.</summary>
    public static Setting Mapping(SettingTable section, Action<TrainingDraft> found, params string[] names) => new(names, FlagValues.AtMostOne, (draft, _) =>
    {
        found(draft);
        return true;
    })
    { Section = section };

    /// <summary>What is only understood when it is off: on, it does something that no field describes.</summary>
    public static Setting UnlessOn(params string[] names) => new(names, FlagValues.AtMostOne, (_, value) => Text(value) is "0" or "0.0" or "none" or "no" || Truth(value) == false);

    public static Setting WithoutEffect(FlagValues values, params string[] names) => new(names, values, Set: null);

    /// <summary>A scalar as it would stand on a command line.</summary>
    public static string Text(JsonNode value) => value switch
    {
        JsonValue text when text.GetValueKind() == JsonValueKind.String => text.GetValue<string>(),
        _ => value.ToJsonString(),
    };

    public static bool? Truth(JsonNode value) => Text(value).ToLowerInvariant() switch
    {
        "true" or "yes" or "t" or "y" or "1" or "on" => true,
        "false" or "no" or "f" or "n" or "0" or "off" => false,
        _ => null,
    };

    /// <summary>A whole number; JSON writes large ones as 5e8, too. Null for what is none.</summary>
    public static long? Number(JsonNode value) =>
        decimal.TryParse(Text(value), NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number)
        && number is >= 0 and <= long.MaxValue && decimal.Truncate(number) == number ? (long)number : null;

    private static IEnumerable<string> List(JsonNode value) => value is JsonArray items
        ? items.OfType<JsonNode>().Select(Text)
        : Unbracketed(Text(value)).Split([' ', ','], StringSplitOptions.RemoveEmptyEntries).Select(word => word.Trim('\'', '"'));

    /// <summary>A list as OmegaConf and Hydra take it on a command line: <c>[q_proj,v_proj]</c>.</summary>
    private static string Unbracketed(string text) => text is ['[', .., ']'] ? text[1..^1] : text;
}
