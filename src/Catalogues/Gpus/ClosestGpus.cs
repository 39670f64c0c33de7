namespace GpuMem.Catalogues.Gpus;

/// <summary>Cards that somebody may have meant with a name under which none is found.</summary>
public static class ClosestGpus
{
    private const int Most = 3;

    /// <summary><c>not in the catalogue; did you mean NVIDIA H100 SXM 80GB? gpumem gpus lists all</c></summary>
    /// <param name="name">What was asked for.</param>
    /// <param name="list">Where all of them can be seen, for who meant none of those.</param>
    public static string Explain(string name, string list) => To(name) is { Count: > 0 } close
        ? $"not in the catalogue; did you mean {string.Join(", ", close)}? {list} lists all"
        : $"not in the catalogue; {list} lists all";

    /// <summary>Those that share the most words with the name, a number among them; of two with as many the one that has the fewest others.</summary>
    public static IReadOnlyList<string> To(string name)
    {
        var asked = Words(name);
        var near = GpuCatalogue.All.Select(gpu => (gpu.Name, Words: Words(gpu.Name)))
            .Select(gpu => (gpu.Name, Shared: gpu.Words.Where(word => IsIn(asked, word)).ToList(), Count: gpu.Words.Length))
            .Where(gpu => gpu.Shared.Exists(word => char.IsAsciiDigit(word[0])))
            .ToList();
        var most = near.Select(gpu => gpu.Shared.Count).DefaultIfEmpty().Max();
        return [.. near.Where(gpu => gpu.Shared.Count == most).OrderBy(gpu => gpu.Count).Take(Most).Select(gpu => gpu.Name)];
    }

    /// <summary>Numbers and single letters as they are; longer words are often run together: <c>rtxpro6000</c>.</summary>
    private static bool IsIn(string[] asked, string word) =>
        Array.Exists(asked, one => one == word || (word.Length > 1 && !char.IsAsciiDigit(word[0]) && one.Contains(word, StringComparison.Ordinal)));

    private static string[] Words(string name) => [.. NameTokens.Of(name).Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct()];
}
