using System.Globalization;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;

namespace GpuMem.Api.Serving;

/// <summary>How many layers each stage of a server's pipeline has, as vLLM and SGLang are told it: numbers with commas (vllm/distributed/utils.py, get_pp_indices).</summary>
internal static class StageLayers
{
    /// <summary>The variables of the two engines.</summary>
    public static readonly string[] Variables = ["VLLM_PP_LAYER_PARTITION", "SGLANG_PP_LAYER_PARTITION"];

    private const int MaxStages = 128;

    /// <returns>Null where it is no list of numbers.</returns>
    public static IReadOnlyList<int>? Parse(string text)
    {
        var words = text.Split(',', MaxStages + 1);
        var layers = new int[words.Length];
        for (var stage = 0; stage < words.Length; stage++)
        {
            if (stage == MaxStages || !int.TryParse(words[stage], NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out layers[stage]))
                return null;
        }

        return layers;
    }

    /// <returns>Null with a problem where they do not divide the model so.</returns>
    public static IReadOnlyList<int>? Read(string text, int pipeline, ModelArchitecture? model, List<JobProblem> problems)
    {
        var layers = Parse(text);
        var sum = layers?.Sum(stage => (long)stage);
        var count = model is null ? sum : model.Parts?.Layers.Count ?? model.Layers;
        if (layers is null || layers.Count != pipeline || sum != count)
            problems.Add(new JobProblem("stageLayers", string.Create(CultureInfo.InvariantCulture, $"'{text}'; give one number for each of {pipeline} stages, {count} together")));
        return layers;
    }
}
