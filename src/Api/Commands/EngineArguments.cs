using System.Text.Json.Nodes;
using GpuMem.Api.Serving;
using GpuMem.Serving;

namespace GpuMem.Api.Commands;

/// <summary>Goes through the arguments of one engine.</summary>
internal sealed class EngineArguments(InferenceEngine engine, string? release, InferenceSettings settings)
{
    private readonly FlagList _list = FlagList.Of(engine);
    private readonly CommandSettings _command = new(settings);

    public Reading Reading { get; } = new();

    /// <summary>What the release does not have, each with one that does.</summary>
    public List<string> Refused { get; } = [];

    public bool LeavesContext => _command.LeavesContext;

    public string? ModelGuess => _command.ModelGuess;

    /// <summary>Data parallel groups that the pod starts, each on GPUs of its own.</summary>
    public int Groups => _command.DividesTensorRanks ? settings.Expert ?? 1 : _command.GroupsHere ?? _command.DataParallel;

    public void All(IReadOnlyList<string> words)
    {
        for (var at = 0; at < words.Count; at++)
        {
            if (!Argument.IsFlag(words[at]))
            {
                Positional(words[at]);
                continue;
            }
            var (name, key, value) = Parts(words[at]);
            var flag = _list.Find(name, release);
            List<string> values = value is not null ? [value] : [.. words.Skip(at + 1).TakeWhile(word => !Argument.IsFlag(word)).Take(Most(flag, key))];
            var said = value is null ? string.Join(' ', values.Prepend(words[at])) : words[at];
            at += value is null ? values.Count : 0;
            if (Elsewhere(name, values) is { } other)
                Refused.Add($"{said} ({other})");
            else if (flag is null)
                Reading.NotUnderstood.Add(_list.Nearest(name) is { } nearest ? $"{said} (did you mean {nearest}?)" : said);
            else
                Take(flag, said, key is null || values.Count == 0 ? values.FirstOrDefault("") : Object(key, values[0]));
        }
    }

    /// <summary>TGI's launcher takes every flag from the environment too (launcher/src/main.rs, clap's env).</summary>
    public void Environment(IReadOnlyDictionary<string, string> variables)
    {
        foreach (var (name, value) in variables)
        {
            if (_list.Find($"--{name.ToLowerInvariant().Replace('_', '-')}", release) is { } flag && !Reading.Understood.Exists(said => flag.Names.Contains(said.Split(' ', '=')[0])))
                Take(flag, $"{name}={value}", value);
        }
    }

    /// <summary>What several flags say together.</summary>
    public void Complete() => Reading.NotUnderstood.AddRange(_command.Complete());

    private void Take(ReleasedFlag flag, string said, string value)
    {
        if (!EngineFlags.Of(engine).TryGetValue(flag.Of, out var known))
            (flag.ChangesMemory ? Reading.NotUnderstood : Reading.WithoutEffect).Add(said);
        else
            ((value.Length > 0 || flag.Words == FlagWords.Switch) && known.Set(_command, value) ? Reading.Understood : Reading.NotUnderstood).Add(said);
    }

    /// <summary>The flag, or this value of it, is of another release.</summary>
    private string? Elsewhere(string name, List<string> values)
    {
        var other = _list.Find(name, release) is null ? _list.Elsewhere(name, release) : values is [var value] ? _list.Elsewhere($"{name}={value}", release) : null;
        return engine == InferenceEngine.LlamaCpp && other is not null ? $"b{other}" : other;
    }

    /// <summary>The model, where it stands without a flag.</summary>
    private void Positional(string word) => (settings.Model is null && ServedModel.Set(_command, word) ? Reading.Understood : Reading.NotUnderstood).Add(word);

    /// <summary>How many of the next words belong to a flag; one that is not known is taken to have a value.</summary>
    private static int Most(ReleasedFlag? flag, string? key) => flag switch
    {
        { Words: FlagWords.Switch } => 0,
        { Words: FlagWords.Values } when key is null => int.MaxValue,
        _ => 1,
    };

    /// <summary>
    /// Underscores are as good as dashes to the parsers of vLLM, llama.cpp and others; a value may stand behind an equals sign, and the keys of an object
    /// behind a dot (vllm/utils/argparse_utils.py, FlexibleArgumentParser).
    /// </summary>
    private (string Name, string? Key, string? Value) Parts(string word)
    {
        // -O3 and -O=3.
        if (engine == InferenceEngine.VLLM && word.StartsWith("-O", StringComparison.Ordinal) && word is not ("-O" or ['-', 'O', '.', ..]))
            return ("-O", null, word[2..].TrimStart('='));
        var equals = word.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? word : word[..equals];
        var dot = engine == InferenceEngine.VLLM ? name.IndexOf('.', StringComparison.Ordinal) : -1;
        var key = dot < 0 ? null : name[(dot + 1)..].TrimEnd('+');
        name = dot < 0 ? name : name[..dot];
        return (name.StartsWith("--", StringComparison.Ordinal) ? name.Replace('_', '-') : name, key, equals < 0 ? null : word[(equals + 1)..]);
    }

    private static string Object(string key, string value) => key.Split('.').Reverse().Aggregate((JsonNode)JsonValue.Create(value), (inner, name) => new JsonObject { [name] = inner }).ToJsonString();
}
