using System.Collections.Frozen;

namespace GpuMem.Catalogues.Models;

/// <summary>
/// The types of GGUF files, as they stand behind a colon, <c>unsloth/Qwen3-30B-A3B-GGUF:UD-Q4_K_XL</c> (ggml-org/llama.cpp common/arg.cpp, --hf-repo). Names
/// of unsloth's own mixtures begin with UD: of models without experts, those are of the size of the type beside it in a repository, within a twentieth.
/// </summary>
public static class GgufTag
{
    private const string Mixed = "UD-";

    private static readonly FrozenDictionary<string, QuantizationScheme> Types = new Dictionary<string, QuantizationScheme>(StringComparer.OrdinalIgnoreCase)
    {
        ["IQ1_S"] = QuantizationScheme.IQ1S,
        ["IQ1_M"] = QuantizationScheme.IQ1M,
        ["TQ1_0"] = QuantizationScheme.TQ10,
        ["TQ2_0"] = QuantizationScheme.TQ20,
        ["IQ2_XXS"] = QuantizationScheme.IQ2XXS,
        ["IQ2_XS"] = QuantizationScheme.IQ2XS,
        ["IQ2_S"] = QuantizationScheme.IQ2S,
        ["IQ2_M"] = QuantizationScheme.IQ2M,
        ["Q2_K_S"] = QuantizationScheme.Q2KS,
        ["Q2_K"] = QuantizationScheme.Q2K,
        ["Q2_K_L"] = QuantizationScheme.Q2K,
        ["Q2_K_XL"] = QuantizationScheme.Q2K,
        ["IQ3_XXS"] = QuantizationScheme.IQ3XXS,
        ["IQ3_XS"] = QuantizationScheme.IQ3XS,
        ["IQ3_S"] = QuantizationScheme.IQ3S,
        ["IQ3_M"] = QuantizationScheme.IQ3M,
        ["Q3_K_S"] = QuantizationScheme.Q3KS,
        ["Q3_K"] = QuantizationScheme.Q3KM,
        ["Q3_K_M"] = QuantizationScheme.Q3KM,
        ["Q3_K_L"] = QuantizationScheme.Q3KL,
        ["Q3_K_XL"] = QuantizationScheme.Q3KM,
        ["IQ4_XS"] = QuantizationScheme.IQ4XS,
        ["IQ4_NL"] = QuantizationScheme.Q40,
        ["Q4_0"] = QuantizationScheme.Q40,
        ["Q4_1"] = QuantizationScheme.Q41,
        ["Q4_K_S"] = QuantizationScheme.Q4KS,
        ["Q4_K"] = QuantizationScheme.Q4KM,
        ["Q4_K_M"] = QuantizationScheme.Q4KM,
        ["Q4_K_L"] = QuantizationScheme.Q4KM,
        ["Q4_K_XL"] = QuantizationScheme.Q4KM,
        ["Q5_0"] = QuantizationScheme.Q5KS,
        ["Q5_1"] = QuantizationScheme.Q51,
        ["Q5_K_S"] = QuantizationScheme.Q5KS,
        ["Q5_K"] = QuantizationScheme.Q5KM,
        ["Q5_K_M"] = QuantizationScheme.Q5KM,
        ["Q5_K_L"] = QuantizationScheme.Q5KM,
        ["Q5_K_XL"] = QuantizationScheme.Q5KM,
        ["Q6_K"] = QuantizationScheme.Q6K,
        ["Q6_K_L"] = QuantizationScheme.Q6K,
        ["Q6_K_XL"] = QuantizationScheme.Q6K,
        ["Q8_0"] = QuantizationScheme.Q80,
        ["MXFP4"] = QuantizationScheme.MXFP4,
        ["MXFP4_MOE"] = QuantizationScheme.MXFP4,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// What unsloth's mixtures of a model with experts weigh as much as: the smallest have more bits than their names say, as they leave attention and some
    /// experts wide, and the larger fewer, as experts are most of such a model. Of Kimi-K2, 245 GB in UD-TQ1_0; of Qwen3-Coder-Next, 21.5 in UD-IQ1_S; of
    /// DeepSeek-R1-0528, 296 in UD-Q3_K_XL; of GLM-4.6, 204 in UD-Q4_K_XL (unsloth's pages, unslothai/unsloth#2699); the others lie between them.
    /// </summary>
    private static readonly FrozenDictionary<string, QuantizationScheme> WithExperts = new Dictionary<string, QuantizationScheme>(StringComparer.OrdinalIgnoreCase)
    {
        ["TQ1_0"] = QuantizationScheme.IQ1M,
        ["IQ1_S"] = QuantizationScheme.IQ2XXS,
        ["IQ1_M"] = QuantizationScheme.IQ2XS,
        ["IQ2_XXS"] = QuantizationScheme.IQ2M,
        ["IQ2_M"] = QuantizationScheme.Q2KS,
        ["IQ3_XXS"] = QuantizationScheme.IQ3XS,
        ["Q3_K_XL"] = QuantizationScheme.Q3KS,
        ["Q4_K_XL"] = QuantizationScheme.Q4KS,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Of so few bits, how many more attention and some experts have decides, and that changed under the same names: of DeepSeek-R1, 131, 158, 183 and 212 GB
    /// at first, a third less than what is said above (unsloth's blog, January 2025). Nothing is denied by such a size.
    /// </summary>
    private static readonly FrozenSet<string> OfTwoBits = FrozenSet.ToFrozenSet(["TQ1_0", "IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_M", "Q2_K_XL"], StringComparer.OrdinalIgnoreCase);

    private static readonly string[] LongestFirst = [.. Types.Keys.OrderByDescending(type => type.Length).ThenBy(type => type, StringComparer.Ordinal)];

    private static readonly FrozenSet<string> Wide = FrozenSet.ToFrozenSet(["F16", "BF16", "F32"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Those whose size is known, by their names in capitals.</summary>
    internal static IEnumerable<KeyValuePair<string, QuantizationScheme>> Known => Types;

    /// <summary>Whether it is called as types of GGUF are: <c>IQ2_M</c>, and not <c>latest</c>.</summary>
    public static bool IsType(string tag)
    {
        var type = WithoutPrefix(tag);
        var letters = type.TrimStart(['I', 'T', 'i', 't']);
        return Wide.Contains(type) || Types.ContainsKey(type)
            || (type.Length is >= 4 and <= 16 && letters.Length >= type.Length - 1 && (letters[0] is 'Q' or 'q') && char.IsAsciiDigit(letters[1]) && letters.All(IsOfName));
    }

    /// <summary>What a type is stored as that llama.cpp has; null for the mixtures of others, and for what is no type.</summary>
    public static QuantizationScheme? Plain(string tag) => Types.TryGetValue(tag, out var scheme) && scheme != QuantizationScheme.MXFP4 ? scheme : null;

    /// <summary>The longest type that a file's name has in it; null when there is none.</summary>
    internal static QuantizationScheme? In(string name) => Array.Find(LongestFirst, type => name.Contains(type, StringComparison.OrdinalIgnoreCase)) is { } found ? Types[found] : null;

    /// <summary>A name with such a type behind it, apart; null where there is none.</summary>
    internal static (string Name, string Tag)? Split(string name)
    {
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && IsType(name[(colon + 1)..]) ? (name[..colon], name[(colon + 1)..]) : null;
    }

    /// <summary>The model with its weights so.</summary>
    internal static ModelArchitecture Stored(ModelArchitecture model, string tag)
    {
        var type = WithoutPrefix(tag);
        return model with
        {
            CheckpointQuantization = Types.TryGetValue(type, out var scheme) ? new CheckpointStorage(new(scheme), Parts(model, type, scheme, isMixed: type.Length < tag.Length)) : null,
            UnknownStorage = Unknown(model, tag, type),
        };
    }

    /// <summary>Whoever makes files calls their types as they like, UD-Q8_K_XL or IQ4_KSS: what is none of those here runs all the same.</summary>
    private static string? Unknown(ModelArchitecture model, string tag, string type) =>
        !Types.ContainsKey(type) && !Wide.Contains(type) ? $"GGUF type '{tag}' (near {string.Join(", ", ClosestNames.To(type.ToUpperInvariant(), Types.Keys, count: 3))})"
        : type.Length < tag.Length && model.Experts is not null && OfTwoBits.Contains(type) ? $"what the mixture {tag} takes"
        : null;

    /// <summary>llama.cpp stores experts alone in MXFP4, and every other matrix in 8 bits (src/llama-quant.cpp, LLAMA_FTYPE_MOSTLY_MXFP4_MOE).</summary>
    private static IReadOnlyList<StoredPart> Parts(ModelArchitecture model, string type, QuantizationScheme scheme, bool isMixed)
    {
        var all = CheckpointStorage.UsualParts(QuantizationScheme.Q80, model.Experts is not null);
        if (scheme == QuantizationScheme.MXFP4)
            return [.. all.Select(part => part.Part == ModelPart.RoutedExperts ? part : part with { Own = new(QuantizationScheme.Q80) })];
        return isMixed && model.Experts is not null && WithExperts.TryGetValue(type, out var size) ? [.. all.Select(part => part with { Own = new(size) })] : all;
    }

    private static bool IsOfName(char letter) => char.IsAsciiLetterOrDigit(letter) || letter == '_';

    private static string WithoutPrefix(string tag) => tag.StartsWith(Mixed, StringComparison.OrdinalIgnoreCase) ? tag[Mixed.Length..] : tag;
}
