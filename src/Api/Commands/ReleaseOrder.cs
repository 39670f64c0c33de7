using System.Globalization;

namespace GpuMem.Api.Commands;

/// <summary>Releases as engines number them: 0.8.5.post1 lies between 0.8.5 and 0.8.6.</summary>
internal static class ReleaseOrder
{
    private const int Numbers = 4;

    public static bool IsAtMost(string release, string other) => Compare(release, other, any: int.MaxValue) <= 0;

    public static bool IsAtLeast(string release, string other) => Compare(release, other, any: 0) >= 0;

    private static int Compare(string release, string other, int any)
    {
        var (first, second) = (Read(release, any), Read(other, any: 0));
        for (var at = 0; at < Numbers; at++)
        {
            if (first[at] != second[at])
                return first[at].CompareTo(second[at]);
        }
        return 0;
    }

    /// <summary>A tag of two numbers, such as 3.3, moves on with every patch: its last number is <paramref name="any"/>.</summary>
    private static int[] Read(string release, int any)
    {
        var parts = release.Replace("post", "", StringComparison.Ordinal).Split('.');
        var numbers = new int[Numbers];
        Array.Fill(numbers, parts.Length == 2 ? any : 0);
        for (var at = 0; at < Math.Min(parts.Length, Numbers); at++)
            numbers[at] = int.TryParse(parts[at], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        return numbers;
    }
}
