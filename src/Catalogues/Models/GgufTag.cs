using System.Collections.Frozen;

namespace GpuMem.Catalogues.Models;

/// <summary>
/// The types of GGUF files, as they stand behind a colon, <c>unsloth/Qwen3-30B-A3B-GGUF:UD-Q4_K_XL</c> (ggml-org/llama.cpp common/arg.cpp, --hf-repo). Of the mixed
/// ones of unsloth, whose names begin with UD, sizes are those of the type beside it in a repository, within a twentieth.
/// </summary>
public static class GgufTag
{
    private const string Mixed = "UD-";

    private static readonly FrozenDictionary<string, QuantizationScheme> Types = new Dictionary<string, QuantizationScheme>(StringComparer.OrdinalIgnoreCase)
    {
        ["Q2_K"] = QuantizationScheme.Q2K,
        ["Q2_K_L"] = QuantizationScheme.Q2K,
        ["Q2_K_XL"] = QuantizationScheme.Q2K,
        ["IQ3_XXS"] = QuantizationScheme.Q2K,
        ["Q3_K_M"] = QuantizationScheme.Q3KM,
        ["Q3_K_XL"] = QuantizationScheme.Q3KM,
        ["IQ3_M"] = QuantizationScheme.Q3KM,
        ["IQ4_XS"] = QuantizationScheme.IQ4XS,
        ["IQ4_NL"] = QuantizationScheme.Q40,
        ["Q4_0"] = QuantizationScheme.Q40,
        ["Q4_K_S"] = QuantizationScheme.Q4KS,
        ["Q4_K_M"] = QuantizationScheme.Q4KM,
        ["Q4_K_L"] = QuantizationScheme.Q4KM,
        ["Q4_K_XL"] = QuantizationScheme.Q4KM,
        ["Q5_0"] = QuantizationScheme.Q5KS,
        ["Q5_K_S"] = QuantizationScheme.Q5KS,
        ["Q5_K_M"] = QuantizationScheme.Q5KM,
        ["Q5_K_XL"] = QuantizationScheme.Q5KM,
        ["Q6_K"] = QuantizationScheme.Q6K,
        ["Q6_K_XL"] = QuantizationScheme.Q6K,
        ["Q8_0"] = QuantizationScheme.Q80,
        ["MXFP4_MOE"] = QuantizationScheme.MXFP4,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Those whose size is known, by their names in capitals.</summary>
    internal static IEnumerable<KeyValuePair<string, QuantizationScheme>> Known => Types;

    private static readonly FrozenSet<string> Plain = FrozenSet.ToFrozenSet(["F16", "BF16", "F32"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether it is called as types of GGUF are: <c>IQ2_M</c>, and not <c>latest</c>.</summary>
    public static bool IsType(string tag)
    {
        var type = WithoutPrefix(tag);
        var letters = type.TrimStart(['I', 'T', 'i', 't']);
        return Plain.Contains(type) || Types.ContainsKey(type)
            || (type.Length is >= 4 and <= 16 && letters.Length >= type.Length - 1 && (letters[0] is 'Q' or 'q') && char.IsAsciiDigit(letters[1]) && letters.All(IsOfName));
    }

    /// <summary>A name with such a type behind it, apart; null where there is none.</summary>
    internal static (string Name, string Tag)? Split(string name)
    {
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && IsType(name[(colon + 1)..]) ? (name[..colon], name[(colon + 1)..]) : null;
    }

    /// <summary>The model with its weights so: of a type whose size is not known, by that name.</summary>
    internal static ModelArchitecture Stored(ModelArchitecture model, string tag)
    {
        if (Types.TryGetValue(WithoutPrefix(tag), out var scheme))
            return model with { CheckpointQuantization = new CheckpointStorage(new(scheme), CheckpointStorage.UsualParts(scheme, model.Experts is not null)), UnknownStorage = null };
        return model with { CheckpointQuantization = null, UnknownStorage = Plain.Contains(tag) ? null : tag };
    }

    private static bool IsOfName(char letter) => char.IsAsciiLetterOrDigit(letter) || letter == '_';

    private static string WithoutPrefix(string tag) => tag.StartsWith(Mixed, StringComparison.OrdinalIgnoreCase) ? tag[Mixed.Length..] : tag;
}
