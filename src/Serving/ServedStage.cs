namespace GpuMem.Serving;

/// <summary>The layers of one stage of a server's pipeline: engines give those that are left over to stages of their own choice.</summary>
internal static class ServedStage
{
    public static PipelineStage Of(InferenceSpec spec, int index)
    {
        var (layers, count) = (PipelineStage.Whole(spec.Model).Layers, spec.Pipeline);
        if (spec.Engine == InferenceEngine.LlamaCpp && count > 1)
            return OfLlamaCpp(layers, index, count);
        if (spec.StageLayers is { } said && said.Count == count && said.Sum(stage => (long)stage) == layers)
            return new(index, count, said.Take(index).Sum(stage => (long)stage), said[index]);
        var (each, more) = Math.DivRem(layers, count);
        var first = spec.Engine switch
        {
            // Not to the last, whose head is large enough (vllm/distributed/utils.py, get_pp_indices).
            InferenceEngine.VLLM or InferenceEngine.KAITO => count - 1 - more,

            // To the last ones (sglang/srt/distributed/utils.py, get_pp_indices).
            InferenceEngine.SGLang => count - more,

            // To the first ones (tensorrt_llm/mapping.py, pp_layers).
            _ => 0,
        };
        var before = Math.Clamp(index - first, 0, more);
        return new(index, count, (index * each) + before, each + (before < more && index >= first ? 1 : 0));
    }

    /// <summary>The output matrix counts as a layer, the last of all (llama.cpp src/llama-model.cpp, get_layer_buft_list).</summary>
    private static PipelineStage OfLlamaCpp(long layers, int index, int count)
    {
        long Start(long stage) => Math.Min(layers, Ratio.DivideUp(stage * (layers + 1), count));
        return new(index, count, Start(index), Start(index + 1L) - Start(index));
    }
}
