namespace GpuMem.Serving;

/// <summary>
/// What kernels of MXFP4 experts add by rounding the experts' sides up (vllm model_executor/layers/quantization/mxfp4.py, create_weights): Triton
/// wants a hidden size that 256 divides and a width that 64 does, Marlin 256 and 128, the kernels of Blackwell and ROCm 256 and 256. SGLang calls
/// the same kernels (sglang/srt/layers/quantization/mxfp4.py).
/// </summary>
internal static class PaddedExperts
{
    private const int Hidden = 256;
    private const int TritonWidth = 64;
    private const int MarlinWidth = 128;
    private const int MostWidth = 256;

    /// <param name="rank">What the rank holds.</param>
    /// <param name="bytes">Its experts without padding.</param>
    public static Amount Of(in ServedRank rank, long bytes)
    {
        var spec = rank.Spec;
        if (!spec.RunsVllm && spec.Engine != InferenceEngine.SGLang)
            return default;
        var width = spec.MarlinExperts || (spec.RunsVllm && Engines.Vllm.Of(spec).Marlin) ? MarlinWidth : TritonWidth;
        return new Amount(Added(rank, bytes, width), Added(rank, bytes, spec.MarlinExperts ? width : MostWidth));
    }

    private static long Added(in ServedRank rank, long bytes, int multiple)
    {
        checked
        {
            var (hidden, width) = (rank.Shape.Hidden, rank.Shape.ExpertSize);
            var wide = new Ratio(RoundUp(width, multiple), width).Of(bytes);
            return new Ratio(RoundUp(hidden, Hidden), hidden).Of(wide) - bytes;
        }
    }

    private static long RoundUp(long count, int multiple) => Ratio.DivideUp(count, multiple) * multiple;
}
