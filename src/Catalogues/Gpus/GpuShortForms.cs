namespace GpuMem.Catalogues.Gpus;

/// <summary>What people type for a GPU: its name without vendor and brand, and further without form factor, memory size or both.</summary>
internal static class GpuShortForms
{
    private static readonly HashSet<string> Brands = ["NVIDIA", "GeForce", "AMD", "Instinct", "Radeon", "Intel", "(per", "GPU)", "GCD)", "tile)"];

    private static readonly HashSet<string> Implied = ["SXM", "RTX", "RX", "Arc", "Blackwell", "Ada"];

    public static IEnumerable<string> Of(string name)
    {
        var words = name.Split(' ').Where(word => !Brands.Contains(word)).ToArray();
        foreach (var kept in (string[][])[words, [.. words.Where(word => word != "Blackwell")], [.. words.Where(word => !Implied.Contains(word))]])
        {
            yield return string.Join(' ', kept);
            yield return string.Join(' ', kept.Where(word => !IsMemory(word)));
        }
    }

    private static bool IsMemory(string word) => word.EndsWith("GB", StringComparison.Ordinal) && char.IsAsciiDigit(word[0]);
}
