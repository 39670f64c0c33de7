namespace GpuMem.Catalogues.Gpus;

/// <summary>What people type for a GPU: its name without vendor and brand, and further without form factor, memory size or both.</summary>
internal static class GpuShortForms
{
    private static readonly HashSet<string> Brands = ["NVIDIA", "GeForce", "AMD", "Instinct", "Intel", "(per", "GPU)", "GCD)"];

    private static readonly HashSet<string> Implied = ["SXM", "RTX", "Blackwell", "Ada"];

    public static IEnumerable<string> Of(string name)
    {
        var words = name.Split(' ').Where(word => !Brands.Contains(word)).ToArray();
        var plain = words.Where(word => !Implied.Contains(word)).ToArray();
        yield return string.Join(' ', words);
        yield return string.Join(' ', words.Where(word => !IsMemory(word)));
        yield return string.Join(' ', plain);
        yield return string.Join(' ', plain.Where(word => !IsMemory(word)));
    }

    private static bool IsMemory(string word) => word.EndsWith("GB", StringComparison.Ordinal) && char.IsAsciiDigit(word[0]);
}
