namespace GpuMem.Estimation.Inference;

/// <summary>How many tokens' room a sequence takes in a cache of pages (arXiv 2309.06180).</summary>
internal static class Pages
{
    /// <summary>Tokens per page: vLLM's and TensorRT-LLM's defaults; the others keep exactly what they need.</summary>
    public static int Size(InferenceSpec spec) => spec.BlockSize ?? spec.Engine switch
    {
        InferenceEngine.VLLM => 16,
        InferenceEngine.TensorRTLLM => 32,
        _ => 1,
    };

    public static long RoundUp(long tokens, InferenceSpec spec)
    {
        var size = Size(spec);
        return checked(Ratio.DivideUp(tokens, size) * size);
    }

    /// <summary>
    /// In a layer with a window. vLLM reserves pages for the window and one pass of new tokens, and one more because windows do not begin where pages do
    /// (vllm/v1/kv_cache_interface.py, SlidingWindowSpec).
    /// </summary>
    public static long OfWindow(long tokens, long window, InferenceSpec spec)
    {
        checked
        {
            // transformers keeps what the next token still sees (cache_utils.py, DynamicSlidingWindowLayer).
            if (spec.Engine == InferenceEngine.HuggingFace)
                return Math.Min(tokens, Math.Max(1, window - 1));
            if (spec.Engine != InferenceEngine.VLLM)
                return RoundUp(Math.Min(tokens, window), spec);
            var size = Size(spec);
            return (Ratio.DivideUp(Math.Min(window - 1 + spec.MaxBatchedTokens, tokens), size) + 1) * size;
        }
    }
}
