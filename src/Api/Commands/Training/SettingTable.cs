using System.Text.Json.Nodes;

namespace GpuMem.Api.Commands.Training;

/// <summary>The flags of one program, or the keys of one kind of file, and how they are gone through.</summary>
internal sealed class SettingTable
{
    private const int MaxDepth = 8;

    private readonly Dictionary<string, Setting> _byName = new(StringComparer.Ordinal);

    /// <param name="settings">A name that is there twice means what the last says; one that ends in .* stands for all of that section that no other does, and --* for whatever is left.</param>
    public SettingTable(params IEnumerable<Setting> settings)
    {
        foreach (var setting in settings)
        {
            foreach (var name in setting.Names)
                _byName[Argument.NameOf(name)] = setting;
        }
    }

    /// <summary>What this program has beside what another has, or says otherwise.</summary>
    public SettingTable With(params IEnumerable<Setting> more) => new([.. _byName.Select(pair => pair.Value with { Names = [pair.Key] }), .. more]);

    /// <summary>The same for a program that takes a word, true or false, behind each flag that stands alone here.</summary>
    public SettingTable WithWords() => new(_byName.Select(pair => pair.Value with { Names = [pair.Key], Values = pair.Value.Values == FlagValues.None ? FlagValues.AtMostOne : pair.Value.Values }));

    /// <summary>What a flag takes; null for one that is not here.</summary>
    public FlagValues? ValuesOf(string flag) => Named(flag)?.Values;

    public Setting? Find(string flag) => Named(Argument.NameOf(flag));

    public bool Has(string flag) => _byName.ContainsKey(Argument.NameOf(flag));

    /// <summary>Takes a flag with its value.</summary>
    public void Take(TrainingDraft draft, Argument flag)
    {
        if (Named(flag.Name ?? "") is not { } setting)
            draft.Reading.NotUnderstood.Add(flag.Said);
        else if (flag.Values.Count == 0 && setting.Values is FlagValues.One or FlagValues.Several)
            draft.Reading.NotUnderstood.Add(flag.Said);
        else
            Take(draft, setting, Value(flag, setting.Values), flag.Said, 0);
    }

    /// <summary>Goes through a mapping.</summary>
    /// <param name="draft">What is written to.</param>
    /// <param name="keys">The mapping.</param>
    /// <param name="within">What stands before each key when it is said.</param>
    public void TakeAll(TrainingDraft draft, JsonObject keys, string within) => TakeAll(draft, keys, within, 0);

    private void TakeAll(TrainingDraft draft, JsonObject keys, string within, int depth)
    {
        foreach (var (key, value) in keys)
        {
            // null is what is not said.
            if (value is null)
                continue;
            var said = value is JsonValue ? $"{within}{key}: {Setting.Text(value)}" : $"{within}{key}";
            if (Find($"--{key}") is { } setting)
                Take(draft, setting, value, said, depth);
            else
                draft.Reading.NotUnderstood.Add(Whole(said, value));
        }
    }

    private static void Take(TrainingDraft draft, Setting setting, JsonNode value, string said, int depth)
    {
        if (setting.Set is null)
            draft.Reading.WithoutEffect.Add(Whole(said, value));
        else if (setting.Section is { } section && depth < MaxDepth)
            TakeSection(draft, setting, section, value, said, depth);
        else
            (setting.Set(draft, value) ? draft.Reading.Understood : draft.Reading.NotUnderstood).Add(Whole(said, value));
    }

    private Setting? Named(string name) => _byName.GetValueOrDefault(name)
        ?? (name.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot ? _byName.GetValueOrDefault($"{name[..dot]}.*") : null)
        ?? _byName.GetValueOrDefault("--*");

    /// <summary>Single keys inside are said with their value.</summary>
    private static string Whole(string said, JsonNode value)
    {
        for (var depth = 0; depth < MaxDepth && value is JsonObject { Count: 1 } only && only.First() is { Value: { } inner } pair; depth++)
            (said, value) = (inner is JsonValue ? $"{said}.{pair.Key}: {Setting.Text(inner)}" : $"{said}.{pair.Key}", inner);
        return said;
    }

    private static void TakeSection(TrainingDraft draft, Setting setting, SettingTable section, JsonNode value, string said, int depth)
    {
        if (value is JsonObject mapping)
        {
            setting.Set!(draft, value);
            section.TakeAll(draft, mapping, $"{said}.", depth + 1);
            return;
        }

        // On a command line a mapping may stand as JSON (training_args.py, _VALID_DICT_FIELDS), or there is a switch without a file.
        var (text, problem) = (Setting.Text(value), "");
        var isJson = text.StartsWith('{');
        var keys = setting.Shipped?.Invoke(text) ?? (Setting.Truth(value) == true ? [] : isJson ? Inline(text, out problem) : draft.Files.Read(text, out problem));
        setting.Set!(draft, value);
        if (keys is null && section == DeepSpeedKeys.Table && ShippedDeepSpeedFiles.Of(text) is { } shipped)
        {
            keys = shipped;
            draft.Assume($"{text} is the file of that name that comes with the program.");
        }
        if (keys is null)
        {
            draft.Reading.NotUnderstood.Add($"{said} ({problem})");
            return;
        }
        draft.Reading.Understood.Add(said);
        section.TakeAll(draft, keys, isJson ? "" : $"{Path.GetFileName(text)}: ", depth + 1);
    }

    private static JsonObject? Inline(string text, out string problem)
    {
        problem = "it is no mapping";
        try
        {
            return KubernetesYaml.LoadAllFromString(text) is [JsonObject only] ? only : null;
        }
        catch (FormatException malformed)
        {
            problem = malformed.Message;
            return null;
        }
    }

    private static JsonNode Value(Argument flag, FlagValues takes) => flag.Values switch
    {
        [] => JsonValue.Create(true),
        [var only] => JsonValue.Create(only),
        _ when takes == FlagValues.Several => new JsonArray([.. flag.Values.Select(word => (JsonNode)JsonValue.Create(word))]),
        var several => JsonValue.Create(string.Join(' ', several)),
    };
}
