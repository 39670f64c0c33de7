namespace GpuMem.Serving;

/// <summary>
/// The pass over pictures with which vLLM begins its measuring: as many of the largest as a pass has tokens for, at least one
/// (vllm/v1/worker/gpu_model_runner.py, profile_run; vllm/multimodal/encoder_budget.py).
/// </summary>
internal static class PicturePass
{
    private const int ElementBytes = 2;

    /// <returns>Bytes at its peak, and of what stays while the language model has its own pass: the pixels, and what the tower made of them.</returns>
    public static (long Peak, long Kept) Of(in ServedRank rank)
    {
        var spec = rank.Spec;
        if (rank.Model.Pictures is not { } tower || spec.TextOnly || !spec.RunsVllm || !rank.Stage.IsFirst)
            return default;
        checked
        {
            var tokens = Math.Max(1, spec.MaxBatchedTokens / tower.LargestPicture) * tower.LargestPicture;
            var patches = tokens * tower.PatchesPerToken;
            var pixels = patches * tower.PatchSize;
            return (ElementBytes * (pixels + (patches * Widest(tower, spec.Tensor))), ElementBytes * (pixels + (tokens * tower.OutputSize)));
        }
    }

    /// <summary>
    /// Of one patch in a layer: positions, the stream before and after attention, its norm, and the feed-forward; or before the layers eight copies of
    /// the stream, where positions are interpolated (vllm/model_executor/models/qwen3_vl.py, Qwen3_VisionBlock and fast_pos_embed_interpolate).
    /// </summary>
    private static long Widest(PictureTower tower, int tensor)
    {
        var layer = checked((4 * tower.HiddenSize) + Ratio.DivideUp((tower.GatedFeedForward ? 3 : 2) * tower.FeedForwardSize, tensor));
        return tower.InterpolatesPositions ? Math.Max(layer, checked(8 * tower.HiddenSize)) : layer;
    }
}
