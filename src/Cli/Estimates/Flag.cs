using System.CommandLine;
using System.Globalization;
using System.Numerics;
using GpuMem.Api.Json;

namespace GpuMem.Cli.Estimates;

/// <summary>Flags whose wrong values are answered in words.</summary>
internal static class Flag
{
    public static Option<T?> Number<T>(string flag, string? description = null, params string[] aliases)
        where T : struct, IBinaryInteger<T>
    {
        var option = new Option<T?>(flag, aliases) { Description = description };
        option.CustomParser = argument =>
        {
            if (T.TryParse(argument.Tokens[0].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
                return number;
            argument.AddError($"{flag} {argument.Tokens[0].Value}: give a whole number");
            return null;
        };
        return option;
    }

    /// <summary>A number with a point. Left to itself System.CommandLine takes a comma for a separator of thousands: 1,5 is 15 (findings/commandline-decimal-comma.sh).</summary>
    public static Option<decimal?> Decimal(string flag, string? description = null, params string[] aliases)
    {
        var option = new Option<decimal?>(flag, aliases) { Description = description };
        option.CustomParser = argument =>
        {
            if (decimal.TryParse(argument.Tokens[0].Value, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                return number;
            argument.AddError($"{flag} {argument.Tokens[0].Value}: give a number, such as 0.9");
            return null;
        };
        return option;
    }

    /// <summary>A number, or Auto in any case.</summary>
    public static Option<OrAuto<T>?> NumberOrAuto<T>(string flag, string? description = null, params string[] aliases)
        where T : struct, IBinaryInteger<T>
    {
        var option = new Option<OrAuto<T>?>(flag, aliases) { Description = description };
        option.CustomParser = argument =>
        {
            if (IsAuto(argument.Tokens[0].Value))
                return new OrAuto<T>(null);
            if (T.TryParse(argument.Tokens[0].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
                return number;
            argument.AddError($"{flag} {argument.Tokens[0].Value}: give a whole number, or Auto");
            return null;
        };
        return option;
    }

    /// <summary>One of the names, or Auto, in any case.</summary>
    public static Option<OrAuto<T>?> NamedOrAuto<T>(string flag, string? description = null)
        where T : struct, Enum
    {
        var option = new Option<OrAuto<T>?>(flag) { Description = description };
        option.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, [.. Enum.GetNames<T>(), OrAuto.Name]);
        option.CustomParser = argument => IsAuto(argument.Tokens[0].Value) ? new OrAuto<T>(null) : Enum.TryParse<T>(argument.Tokens[0].Value, ignoreCase: true, out var name) ? name : null;
        return option;
    }

    private static bool IsAuto(string text) => text.Equals(OrAuto.Name, StringComparison.OrdinalIgnoreCase);

    /// <summary>The names as in YAML, in any case; a wrong one is answered with those that there are.</summary>
    public static Option<T?> Named<T>(string flag, string? description = null, params string[] aliases)
        where T : struct, Enum
    {
        var option = new Option<T?>(flag, aliases) { Description = description };
        option.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, Enum.GetNames<T>());
        return option;
    }

    /// <summary>True when it is given alone; <c>false</c> behind it says the opposite.</summary>
    public static Option<bool?> YesOrNo(string flag, string? description = null) => new(flag) { Description = description };

    public static Option<string?> Text(string flag, string? description = null, params string[] aliases) => new(flag, aliases) { Description = description };

    /// <summary>May be given several times.</summary>
    public static Option<string[]?> List(string flag, string? description = null) => new(flag) { Description = description };
}
