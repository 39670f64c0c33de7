using System.Buffers;
using System.Text.RegularExpressions;
using GpuMem.Estimation.States;

namespace GpuMem.Api.Commands.Training;

/// <summary>Which layers a name or an expression of PEFT's target_modules puts adapters on (peft tuners/tuners_utils.py, check_target_module_exists).</summary>
internal static class AdaptedLayers
{
    /// <summary>Letters of an expression that is matched, and repetitions in it: those that people write have a few, and hundreds take seconds.</summary>
    private const int MostLetters = 500, MostRepetitions = 12;

    private static readonly SearchValues<char> OfExpressions = SearchValues.Create(@"\([*+?|");

    private static readonly string[] Blocks =
        ["model.layers.3.", "model.language_model.layers.3.", "language_model.model.layers.3.", "model.text_model.layers.3.", "transformer.h.3.", "gpt_neox.layers.3.", "model.decoder.layers.3."];

    private static readonly string[] Parts = ["self_attn.", "mlp.", "attn.", "attention.", "linear_attn.", "mlp.shared_expert.", "mlp.shared_experts.", "mlp.experts.0.", "block_sparse_moe.experts.0.", ""];

    /// <summary>
    /// The names that the estimate has for them; none where none is known. A name stands for every path that ends in it, and an expression for the paths that
    /// it matches as a whole: of each path that models have, the fourth layer stands for all.
    /// </summary>
    public static IReadOnlyList<string> Of(string name)
    {
        if (LoraTargetNames.Has(name))
            return [name];
        if (!name.AsSpan().ContainsAny(OfExpressions))
            return LoraTargetNames.Has(name.Split('.')[^1]) ? [name.Split('.')[^1]] : [];
        if (!IsQuick(name))
            return [];
        try
        {
            var expression = new Regex($@"\A(?:{name})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, Regex.InfiniteMatchTimeout);
            var matched = LoraTargetNames.Known.Where(known => known != "all-linear" && Array.Exists(Blocks, block => Array.Exists(Parts, part => expression.IsMatch($"{block}{part}{known}")))).ToLookup(LoraTargetNames.IsJoint);
            return [.. matched[!matched.Contains(false)]];
        }
        catch (Exception unreadable) when (unreadable is ArgumentException or NotSupportedException)
        {
            return [];
        }
    }

    /// <summary>A group that is repeated a number of times is as long as all of those.</summary>
    private static bool IsQuick(string expression) =>
        expression.Length <= MostLetters && expression.Count(letter => letter is '*' or '+' or '?' or '{') <= MostRepetitions && !expression.Contains("){", StringComparison.Ordinal);
}
