using GpuMem.Estimation.Arithmetic;
using GpuMem.Estimation.Models;

namespace GpuMem.Estimation.Ranks;

/// <summary>
/// The widths that one tensor-parallel rank holds (Megatron, arXiv 1909.08053): heads, feed-forward and vocabulary are divided;
/// key-value heads are repeated when there are fewer of them than ranks.
/// </summary>
internal readonly struct RankShape(ModelArchitecture model, int tensor)
{
    public long Hidden { get; } = model.HiddenSize;

    public long Heads { get; } = Ratio.DivideUp(model.AttentionHeads, tensor);

    public long Query { get; } = checked(Ratio.DivideUp(model.AttentionHeads, tensor) * model.HeadDimension);

    public long KeyValue { get; } = checked(Ratio.DivideUp(model.KeyValueHeads, tensor) * model.HeadDimension);

    public long FeedForward { get; } = Ratio.DivideUp(model.FeedForwardSize, tensor);

    public long Vocabulary { get; } = Ratio.DivideUp(model.VocabularySize, tensor);

    /// <summary>The keys and values are narrower than the queries: eager attention repeats them to full width.</summary>
    public bool GroupedQueries { get; } = model.KeyValueHeads < model.AttentionHeads;
}
