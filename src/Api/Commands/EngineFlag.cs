using System.Globalization;
using GpuMem.Api.Serving;

namespace GpuMem.Api.Commands;

/// <summary>A flag of an engine's command line that changes the estimate, and what it says of the server.</summary>
/// <param name="Name">The first of its names in the engine's list.</param>
/// <param name="Set">Writes what it says; false when the value is not understood.</param>
internal sealed record EngineFlag(string Name, Func<CommandSettings, string, bool> Set)
{
    public static EngineFlag Whole(string name, Action<CommandSettings, int> set) =>
        new(name, (command, text) => Apply(command, int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null, set));

    public static EngineFlag Length(string name, Action<InferenceSettings, long> set) =>
        new(name, (command, text) => Apply(command.Settings, EngineSpellings.ReadLength(text) is > 0 and var length ? length : null, set));

    public static EngineFlag Share(string name) => Ratio(name, most: 1, (served, share) => served.MemoryFraction = share);

    /// <summary>Above 0 and not above the most.</summary>
    public static EngineFlag Ratio(string name, decimal most, Action<InferenceSettings, Quantity> set) =>
        new(name, (command, text) => Apply<InferenceSettings, decimal>(command.Settings, Number(text) is { } share && share > 0 && share <= most ? share : null, (served, given) => set(served, new Quantity(given))));

    /// <summary>GiB that may have a fraction.</summary>
    public static EngineFlag Gibibytes(string name, Action<InferenceSettings, Quantity> set) =>
        new(name, (command, text) => Apply<InferenceSettings, decimal>(command.Settings, Number(text) is { } size and < 1 << 20 ? decimal.Floor(size * (1 << 30)) : null, (served, bytes) => set(served, new Quantity(bytes))));

    public static EngineFlag Spelled<T>(string name, Func<string, T?> engines, Action<InferenceSettings, T> set)
        where T : struct, Enum => new(name, (command, text) => EngineSpellings.IsAuto(text) || Apply(command.Settings, EngineSpellings.Read(engines, text), set));

    public static EngineFlag Switch(string name, Action<CommandSettings> set) => new(name, (command, _) =>
    {
        set(command);
        return true;
    });

    public static EngineFlag Text(string name, Action<CommandSettings, string> set) => new(name, (command, text) =>
    {
        set(command, text);
        return true;
    });

    private static decimal? Number(string text) => decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static bool Apply<TTarget, T>(TTarget target, T? value, Action<TTarget, T> set)
        where T : struct
    {
        if (value is { } given)
            set(target, given);
        return value is not null;
    }
}
