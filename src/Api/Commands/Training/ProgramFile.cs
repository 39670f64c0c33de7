using System.Text.Json.Nodes;

namespace GpuMem.Api.Commands.Training;

/// <summary>The arguments of a program: its file first, then flags and single keys, which say it over again.</summary>
internal static class ProgramFile
{
    private const int MaxDepth = 8;

    /// <summary>A file that stands where flags would (hf_argparser.py, parse_yaml_file; llamafactory/hparams/parser.py, read_args); null without one.</summary>
    public static string? Of(IReadOnlyList<string> arguments) =>
        arguments is [var first, ..] && !Argument.IsFlag(first) && !first.Contains('=', StringComparison.Ordinal) && Path.GetExtension(first) is ".yaml" or ".yml" or ".json" ? arguments[0] : null;

    public static void Take(TrainingDraft draft, TrainingProgram program, IReadOnlyList<string> arguments)
    {
        List<string> left = [.. arguments];
        var flag = program.FileFlag is { } name ? left.FindIndex(word => word == name || word.StartsWith($"{name}=", StringComparison.Ordinal)) : -1;
        if (flag >= 0)
        {
            var isJoined = left[flag].Contains('=', StringComparison.Ordinal);
            var path = isJoined ? left[flag][(program.FileFlag!.Length + 1)..] : flag + 1 < left.Count ? left[flag + 1] : "";
            Read(draft, program, path);
            left.RemoveRange(flag, Math.Min(isJoined ? 1 : 2, left.Count - flag));
        }
        else if (Of(left) is { } path)
        {
            Read(draft, program, path);
            left.RemoveAt(0);
        }
        foreach (var argument in Argument.Split(left, program.Settings.ValuesOf).OrderBy(argument => argument.Name is "--config-file" or "--accelerate-config" ? 0 : 1))
        {
            if (argument.Name is not null)
                program.Settings.Take(draft, argument);
            else if (Key(argument.Said) is { } key)
                program.Settings.TakeAll(draft, key, "");
            else
                draft.Reading.NotUnderstood.Add(argument.Said);
        }
    }

    private static void Read(TrainingDraft draft, TrainingProgram program, string path)
    {
        if (draft.Files.Read(path, out var problem) is not { } keys)
        {
            if (program.Shipped?.Invoke(path) is { } shipped)
                program.Settings.TakeAll(draft, shipped, $"{path}: ");
            draft.Reading.NotUnderstood.Add(program.CopyCommand is { } copy && Path.GetExtension(path) is not (".yaml" or ".yml") ? OfProgram(program, copy, path) : problem);
            return;
        }
        draft.Reading.Understood.Add(path);
        program.Settings.TakeAll(draft, program.Interpolates ? Interpolations.PutInto(keys) : keys, "");
    }

    private static string OfProgram(TrainingProgram program, string copy, string name) =>
        $"{name} is a configuration that comes with {program.Name}, which is not read here: write it to a file with {copy} and put that into a ConfigMap, or say what it holds with flags";

    /// <summary>
    /// key=value or key.inner=value, over what the file says (OmegaConf). Hydra has a plus before what the file may not have, and quotes of its own;
    /// null is what is not said.
    /// </summary>
    private static JsonObject? Key(string word)
    {
        var equals = word.IndexOf('=', StringComparison.Ordinal);
        var parts = equals <= 0 ? [] : word[..equals].TrimStart('+').Split('.');
        if (parts.Length is 0 or > MaxDepth)
            return null;
        var text = word[(equals + 1)..];
        if (text is ['\'', .., '\''] or ['"', .., '"'])
            text = text[1..^1];
        JsonNode? value = text == "null" ? null : JsonValue.Create(text);
        foreach (var part in parts.Reverse())
            value = new JsonObject { [part] = value };
        return value?.AsObject();
    }
}
