using System.CommandLine;

namespace GpuMem.Cli.Estimates;

/// <summary>Flags each of which sets one field of <typeparamref name="T"/>; what is not given is left as it was.</summary>
internal sealed class FlagsOf<T>
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

    public bool AnyGiven(ParseResult result) => _options.Exists(option => result.GetResult(option) is { Implicit: false });

    public void Apply(ParseResult result, T settings)
    {
        foreach (var set in _setters)
            set(result, settings);
    }
}
