using System.CommandLine;
using System.Globalization;
using System.Numerics;

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
