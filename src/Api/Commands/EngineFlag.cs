using System.Globalization;
using GpuMem.Api.Serving;

namespace GpuMem.Api.Commands;

/// <summary>A flag of an engine's command line and what it says of the server.</summary>
/// <param name="Names">As the engine spells it, with its aliases.</param>
/// <param name="TakesValue">Whether a value follows; a switch stands alone.</param>
/// <param name="Set">Writes what it says; false when the value is not understood. Null where it does not change the memory of the GPU.</param>
internal sealed record EngineFlag(string[] Names, bool TakesValue, Func<InferenceSettings, string, bool>? Set)
{
    /// <summary>It is the length of a sequence, which a word may leave to the engine.</summary>
    public bool IsContext { get; init; }

    public static EngineFlag Whole(Action<InferenceSettings, int> set, params string[] names) =>
        new(names, TakesValue: true, (settings, text) => Apply(settings, int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null, set));

    public static EngineFlag Length(Action<InferenceSettings, long> set, params string[] names) =>
        new(names, TakesValue: true, (settings, text) => Apply(settings, EngineSpellings.ReadLength(text) is > 0 and var length ? length : null, set));

    public static EngineFlag Share(params string[] names) =>
        new(names, TakesValue: true, (settings, text) => Apply(settings, Fraction(text), (served, share) => served.MemoryFraction = new Quantity(share)));

    public static EngineFlag Spelled<T>(Func<string, T?> engines, Action<InferenceSettings, T> set, params string[] names)
        where T : struct, Enum => new(names, TakesValue: true, (settings, text) => EngineSpellings.IsAuto(text) || Apply(settings, EngineSpellings.Read(engines, text), set));

    public static EngineFlag Text(Func<InferenceSettings, string, bool> set, params string[] names) => new(names, TakesValue: true, set);

    public static EngineFlag Switch(Action<InferenceSettings> set, params string[] names) => new(names, TakesValue: false, (settings, _) =>
    {
        set(settings);
        return true;
    });

    public static IEnumerable<EngineFlag> WithoutEffect(bool takesValue, params string[] names) => names.Select(name => new EngineFlag([name], takesValue, Set: null));

    private static decimal? Fraction(string text) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share) && share is > 0 and <= 1 ? share : null;

    private static bool Apply<T>(InferenceSettings settings, T? value, Action<InferenceSettings, T> set)
        where T : struct
    {
        if (value is { } given)
            set(settings, given);
        return value is not null;
    }
}
