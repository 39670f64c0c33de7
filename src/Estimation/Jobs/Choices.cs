namespace GpuMem.Estimation.Jobs;

/// <summary>Values that would be valid, in words: <c>1, 2, 4 or 8</c>.</summary>
internal static class Choices
{
    private const int Longest = 12;

    public static string UpTo<T>(int largest, T what, Func<T, int, bool> isValid)
    {
        var valid = Enumerable.Range(1, largest).Where(number => isValid(what, number)).Take(Longest).ToArray();
        return valid.Length <= 1 ? string.Join("", valid) : $"{string.Join(", ", valid[..^1])} or {valid[^1]}";
    }
}
