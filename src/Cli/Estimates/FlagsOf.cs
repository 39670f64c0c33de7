using System.CommandLine;
using System.CommandLine.Completions;
using System.Text.Json.Nodes;
using GpuMem.Api.Json;

namespace GpuMem.Cli.Estimates;

/// <summary>Flags each of which sets one field of <typeparamref name="T"/>; what is not given is left as it was.</summary>
internal sealed class FlagsOf<T>
    where T : new()
{
    private readonly List<Option> _options = [];
    private readonly List<Action<ParseResult, T>> _setters = [];

    public void Add<TValue>(Option<TValue?> flag, Action<T, TValue> set)
        where TValue : struct
    {
        _options.Add(flag);
        _setters.Add((result, settings) =>
        {
            if (result.GetValue(flag) is { } value)
                set(settings, value);
        });
    }

    public void AddText(Option<string?> flag, Action<T, string> set)
    {
        _options.Add(flag);
        _setters.Add((result, settings) =>
        {
            if (result.GetValue(flag) is { } value)
                set(settings, value);
        });
    }

    /// <summary>A flag that may be given several times.</summary>
    public void AddList(Option<string[]?> flag, Action<T, string[]> set)
    {
        _options.Add(flag);
        _setters.Add((result, settings) =>
        {
            if (result.GetValue(flag) is { Length: > 0 } values)
                set(settings, values);
        });
    }

    public void AddTo(Command command)
    {
        foreach (var option in _options)
            command.Add(option);
    }

    /// <summary>The name of the first flag that is given; null when none is.</summary>
    public string? FirstGiven(ParseResult result) => _options.Find(option => result.GetResult(option) is { Implicit: false })?.Name;

    public void Apply(ParseResult result, T settings)
    {
        foreach (var set in _setters)
            set(result, settings);
    }

    /// <summary>The field that each flag sets, which is seen by setting it.</summary>
    public IEnumerable<FieldFlag> Fields() => _options.Zip(_setters, (flag, set) =>
    {
        var settings = new T();
        set(new Command("set") { flag }.Parse([flag.Name, Example(flag)]), settings);
        var (path, value) = Only(JsonNode.Parse(ApiJson.Default.Serialize(settings))!, "");
        return FieldFlag.Of(path, flag, value is JsonArray ? ", repeated" : $"{value}" == "false" ? " for false" : "");
    });

    private static string Example(Option flag) =>
        flag.ValueType == typeof(bool?) ? "true" : flag.GetCompletions(CompletionContext.Empty).FirstOrDefault()?.Label ?? "1";

    private static (string Path, JsonNode Value) Only(JsonNode node, string path) => node is JsonObject { Count: 1 } parent
        ? Only(parent.First().Value!, path.Length == 0 ? parent.First().Key : $"{path}.{parent.First().Key}")
        : (path, node);
}
