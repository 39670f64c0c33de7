namespace GpuMem.Catalogues.Models;

/// <summary>
/// Variants that have the dimensions of a model in the catalogue and another <c>max_position_embeddings</c>: what an engine takes as the longest sequence where
/// nobody states one.
/// </summary>
internal static class VariantLengths
{
    // Their published config.json; that of instructed Qwen 2 and 2.5 is discussed in QwenLM/Qwen3 issues 663, 679 and 1133.
    private static readonly (string Names, long Tokens)[] Published =
    [
        ("Qwen2-0.5B-Instruct Qwen2-1.5B-Instruct Qwen2-7B-Instruct Qwen2-57B-A14B-Instruct Qwen2-72B-Instruct", 32_768),
        ("Qwen2.5-7B-Instruct Qwen2.5-14B-Instruct Qwen2.5-32B-Instruct Qwen2.5-72B-Instruct", 32_768),
        ("Qwen3-0.6B-Base Qwen3-1.7B-Base Qwen3-4B-Base Qwen3-8B-Base Qwen3-14B-Base Qwen3-30B-A3B-Base", 32_768),
        ("Qwen3-4B-Instruct-2507 Qwen3-4B-Thinking-2507 Qwen3-30B-A3B-Instruct-2507 Qwen3-30B-A3B-Thinking-2507", 262_144),
        ("Qwen3-235B-A22B-Instruct-2507 Qwen3-235B-A22B-Thinking-2507 Kimi-K2-Instruct-0905 Kimi-K2-Thinking", 262_144),
    ];

    private static readonly (string Name, long Tokens)[] Lengths =
        [.. Published.SelectMany(group => group.Names.Split(' ').Select(name => ($" {NameTokens.Of(name)} ", group.Tokens)))];

    /// <summary>Null where it has the length of the model that it is a variant of.</summary>
    /// <param name="shortName">Its runs of letters and digits without owner; what was copied may come before, and tags of how weights are stored after.</param>
    public static long? Of(string shortName)
    {
        foreach (var (name, tokens) in Lengths)
            if ($" {shortName} ".Contains(name, StringComparison.Ordinal))
                return tokens;
        return null;
    }
}
