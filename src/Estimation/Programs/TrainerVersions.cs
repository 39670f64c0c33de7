namespace GpuMem.Estimation.Programs;

/// <summary>Texts that name a release: what is one, which of two is earlier, and what is assumed of one that is not known.</summary>
internal static class TrainerVersions
{
    /// <summary>The longest text that is taken for a release.</summary>
    public const int MaxLength = 32;

    /// <summary>Numbers with dots, perhaps with a suffix: <c>5.8.1</c>, <c>0.20.0rc1</c>.</summary>
    public static bool IsVersion(ReadOnlySpan<char> text) => text.Length <= MaxLength && Number(ref text) is not null;

    /// <summary>What had to be assumed about the release, in a sentence; null when nothing.</summary>
    public static string? Assumed(Trainer? trainer, string? version)
    {
        if (TrainerProgram.Find(trainer) is not { } program || version is null)
            return null;
        if (program.Release(version) is not { Number: var known })
            return $"Releases of {trainer} are not told apart: {version} is taken to do what is known of it.";
        return Begins(known, version) ? null : $"{trainer} {version} is not known; it is taken to do what {known}, the nearest known release, does.";
    }

    /// <summary>Below 0 when <paramref name="a"/> is the earlier release.</summary>
    public static int Compare(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        while (true)
        {
            var (first, second) = (Number(ref a), Number(ref b));
            if (first is null || first != second)
                return Nullable.Compare(first, second);
        }
    }

    internal static bool Begins(ReadOnlySpan<char> start, ReadOnlySpan<char> version)
    {
        while (Number(ref start) is { } number)
            if (Number(ref version) != number)
                return false;
        return true;
    }

    /// <summary>Takes the next number away, with its dot; null when there is none. A suffix such as <c>rc1</c> ends them.</summary>
    private static long? Number(ref ReadOnlySpan<char> version)
    {
        var end = version.IndexOfAnyExceptInRange('0', '9');
        var digits = end < 0 ? version : version[..end];
        version = end >= 0 && version[end] == '.' ? version[(end + 1)..] : default;
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
