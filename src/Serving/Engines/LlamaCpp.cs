namespace GpuMem.Serving.Engines;

/// <summary>llama.cpp's server: the whole context is allocated at start, in cells, for a fixed number of slots.</summary>
internal static class LlamaCpp
{
    /// <summary>Cells are allocated in multiples of so many (src/llama-kv-cache.cpp, n_pad).</summary>
    public const int Cells = 256;

    /// <summary>Tokens of a micro-batch (common/common.h, n_ubatch).</summary>
    public const long MicroBatch = 512;

    /// <summary>Kept free on each device while layers are assigned to it (common/fit.cpp, --fit-target).</summary>
    public const long Margin = 1024 * Bytes.PerMiB;

    /// <summary>
    /// States of one layer for each sequence asked for: one for every slot, and with the model's own modules one more for each token that they propose, to go back
    /// to (src/llama-memory-recurrent.cpp, n_rs_seq; common/speculative.cpp, need_n_rs_seq).
    /// </summary>
    public static long States(InferenceSpec spec) =>
        checked(Ratio.DivideUp(Math.Max(spec.Batch, spec.StateSlots ?? 1), spec.Batch) * (1 + (spec.PredictionModules ? spec.Proposed : 0)));

    /// <summary>What drafts has a context of its own, whose types are f16 whatever those of the model are (common/common.h, common_params_speculative).</summary>
    public static InferenceSpec Drafting(InferenceSpec spec) => spec with { KvCacheDtype = KeyValueCacheType.FP16, ValueCacheDtype = null };

    // The mask is in f16, logits of the slots that answer in fp32 (src/llama-context.cpp, graph_reserve).
    private const int MaskBytes = 2;
    private const int LogitBytes = 4;

    /// <summary>
    /// The compute buffer: one layer of the largest micro-batch in fp32, the mask of attention over all cells, and a row of logits for each slot.
    /// </summary>
    public static long ComputeBuffer(in ServedRank rank)
    {
        checked
        {
            var (spec, shape) = (rank.Spec, rank.Shape);
            var tokens = Math.Min(MicroBatch, spec.MaxBatchedTokens);
            var layer = 4 * tokens * ((2 * shape.Hidden) + Math.Max(2 * PassActivations.FeedForward(rank), shape.Query + (2 * shape.KeyValue)));
            var mask = MaskBytes * tokens * Pages.RoundUp(spec.SequenceLength, Cells);
            return Math.Max(layer, LogitBytes * spec.Batch * rank.Vocabulary) + mask;
        }
    }
}
