using GpuMem.Serving.Engines;

namespace GpuMem.Serving;

/// <summary>How many tokens' room a sequence takes in a cache of pages (arXiv 2309.06180).</summary>
internal static class Pages
{
    private const int KernelBlock = 16;

    /// <summary>Tokens per page: vLLM's and TensorRT-LLM's defaults; the others keep exactly what they need.</summary>
    public static int Size(InferenceSpec spec) => spec.BlockSize ?? spec.Engine switch
    {
        InferenceEngine.VLLM or InferenceEngine.KAITO => 16,
        InferenceEngine.LlamaCpp => LlamaCpp.Cells,
        InferenceEngine.TensorRTLLM => 32,
        _ => 1,
    };

    public static long RoundUp(long tokens, InferenceSpec spec) => RoundUp(tokens, Size(spec));

    public static long RoundUp(long tokens, long size) => checked(Ratio.DivideUp(tokens, size) * size);

    /// <summary>
    /// Tokens per page where layers with a state share the pages of attention: a page must hold a state (vllm model_executor/models/config.py,
    /// HybridAttentionMambaModelConfig), in multiples of 16.
    /// </summary>
    /// <param name="state">Bytes of one layer's state.</param>
    /// <param name="width">Bytes of one token in one layer of attention.</param>
    /// <param name="spec">What is served.</param>
    public static long SizeBeside(long state, long width, InferenceSpec spec) =>
        spec.RunsVllm && state > 0 && width > 0 ? Math.Max(Size(spec), RoundUp(Ratio.DivideUp(state, width), KernelBlock)) : Size(spec);

    /// <summary>Bytes of one layer's state of a sequence where it lies in pages of attention: as many whole ones as the release wants.</summary>
    public static long OfState(long state, long page, InferenceSpec spec) =>
        spec.RunsVllm && state > 0 && page > 0 ? checked(Vllm.StatePages(spec) * Math.Max(state, page)) : state;

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

            // llama.cpp: a window and one micro-batch (src/llama-kv-cache-iswa.cpp).
            if (spec.Engine == InferenceEngine.LlamaCpp)
                return RoundUp(Math.Min(tokens, window + LlamaCpp.MicroBatch), spec);
            if (!spec.HybridCache)
                return RoundUp(tokens, spec);
            if (spec.Engine == InferenceEngine.SGLang)
                return RoundUp(SgLang.OfWindow(tokens, spec), spec);
            if (!spec.RunsVllm)
                return RoundUp(Math.Min(tokens, window), spec);
            var size = Size(spec);
            return (Ratio.DivideUp(Math.Min(window - 1 + spec.MaxBatchedTokens, tokens), size) + 1) * size;
        }
    }
}
