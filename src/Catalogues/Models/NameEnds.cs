namespace GpuMem.Catalogues.Models;

/// <summary>What the runs of a name end with besides tags, each with the blank before it: a version (<c>v 0 1</c>) or the date of a release (<c>2407</c>, <c>0528</c>, <c>20250528</c>, <c>08 2024</c>).</summary>
internal static class NameEnds
{
    private const int FirstYear = 2022, LastYear = 2029;

    /// <summary>Empty when there is none.</summary>
    public static string Version(string runs)
    {
        var start = runs.LastIndexOf(" v ", StringComparison.Ordinal);
        return start > 0 && runs.Skip(start + 3).All(character => character == ' ' || char.IsAsciiDigit(character)) ? runs[start..] : "";
    }

    /// <summary>Empty when there is none.</summary>
    public static string Date(string runs)
    {
        var start = runs.LastIndexOf(' ');
        if (start <= 0)
            return "";
        var last = runs.AsSpan(start + 1);
        if (last.ContainsAnyExceptInRange('0', '9'))
            return "";
        if (last.Length == 4 && IsYear(Number(last)) && start >= 3 && runs[start - 3] == ' ' && IsMonth(runs.AsSpan(start - 2, 2)))
            return runs[(start - 3)..];
        var isDate = last.Length switch
        {
            4 => (IsYear(2000 + Number(last[..2])) && IsMonth(last[2..])) || (IsMonth(last[..2]) && IsDay(last[2..])),
            8 => IsYear(Number(last[..4])) && IsMonth(last[4..6]) && IsDay(last[6..]),
            _ => false,
        };
        return isDate ? runs[start..] : "";
    }

    /// <summary>Billions or millions of parameters stand somewhere in it.</summary>
    public static bool SayTheSize(string runs)
    {
        var previous = "";
        foreach (var run in runs.Split(' '))
        {
            if (run is "b" or "m" && previous.Length > 0 && char.IsAsciiDigit(previous[0]))
                return true;
            previous = run;
        }

        return false;
    }

    private static bool IsYear(int number) => number is >= FirstYear and <= LastYear;

    private static bool IsMonth(ReadOnlySpan<char> digits) => !digits.ContainsAnyExceptInRange('0', '9') && Number(digits) is >= 1 and <= 12;

    private static bool IsDay(ReadOnlySpan<char> digits) => Number(digits) is >= 1 and <= 31;

    private static int Number(ReadOnlySpan<char> digits) => int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
}
