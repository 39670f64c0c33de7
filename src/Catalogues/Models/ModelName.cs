namespace GpuMem.Catalogues.Models;

/// <summary>The names under which a model is looked up: with and without its owner, vendor prefix and the suffixes of tuned variants, which share their base's dimensions.</summary>
internal static class ModelName
{
    private static readonly string[] TunedSuffixes = [" hf", " instruct", " chat", " base", " it", " pt"];

    // The same dimensions under an earlier name: Llama 3 and 3.1 differ in training and positions only.
    private static readonly Dictionary<string, string> SameDimensions = new()
    {
        ["llama 3 8 b"] = "llama 3 1 8 b",
        ["llama 3 70 b"] = "llama 3 1 70 b",
    };

    /// <summary>From the most to the least specific; the last is the bare short name.</summary>
    public static IReadOnlyList<string> Keys(string name)
    {
        var full = NameTokens.Of(name);
        var shortName = NameTokens.Of(name[(name.LastIndexOf('/') + 1)..]);
        var bare = shortName.StartsWith("meta llama ", StringComparison.Ordinal) ? shortName["meta ".Length..] : shortName;
        foreach (var suffix in TunedSuffixes)
        {
            if (bare.EndsWith(suffix, StringComparison.Ordinal))
                bare = bare[..^suffix.Length];
        }

        return [full, shortName, SameDimensions.GetValueOrDefault(bare, bare)];
    }
}
