namespace GpuMem.Estimation.Ranks;

/// <summary>
/// The widths that one tensor-parallel rank holds (Megatron, arXiv 1909.08053): heads, feed-forward and vocabulary are divided;
/// key-value heads are repeated when there are fewer of them than ranks.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="tensor">Ranks over which it is divided.</param>
/// <param name="experts">How its experts are.</param>
/// <param name="padding">The vocabulary of each rank is filled up to a multiple of so many rows.</param>
internal readonly struct RankShape(ModelArchitecture model, int tensor, ExpertLayout experts, int padding = 1)
{
    public RankShape(ModelArchitecture model, int tensor)
        : this(model, tensor, new ExpertLayout(1, tensor))
    {
    }

    public long Hidden { get; } = model.HiddenSize;

    public long Heads { get; } = Ratio.DivideUp(model.AttentionHeads, tensor);

    public long Query { get; } = checked(Ratio.DivideUp(model.AttentionHeads, tensor) * model.HeadDimension);

    public long KeyValue { get; } = checked(Ratio.DivideUp(model.KeyValueHeads, tensor) * model.HeadDimension);

    /// <summary>Width of what attention hands to its output matrix; the queries' except with latent attention.</summary>
    public long AttentionOutput { get; } =
        checked(Ratio.DivideUp(model.AttentionHeads, tensor) * (model.Latent is { } latent ? latent.ValueHeadDimension : model.HeadDimension));

    public long FeedForward { get; } = Ratio.DivideUp(model.FeedForwardSize, tensor);

    public long Vocabulary { get; } = checked(padding * Ratio.DivideUp(model.VocabularySize, (long)padding * tensor));

    /// <summary>Routed experts of one layer on this rank.</summary>
    public long Experts { get; } = model.Experts is { } mixture ? Ratio.DivideUp(mixture.Count, experts.Parallel) : 0;

    public long ExpertSize { get; } = model.Experts is { } mixture ? Ratio.DivideUp(mixture.ExpertSize, experts.Tensor) : 0;

    /// <summary>Ranks over which the experts of a layer are divided.</summary>
    public int ExpertParallel { get; } = experts.Parallel;

    /// <summary>Ranks over which one expert is cut.</summary>
    public int ExpertTensor { get; } = experts.Tensor;

    /// <summary>Each expert is cut like the rest of the model, so that every rank computes a part of all its tokens.</summary>
    public bool CutsExperts { get; } = experts.Tensor == tensor;

    public long SharedSize { get; } = model.Experts is { } mixture ? Ratio.DivideUp(mixture.SharedSize, tensor) : 0;

    /// <summary>Inner width of a state-space layer.</summary>
    public long InnerSize { get; } = model.StateSpace is { } states ? Ratio.DivideUp(states.InnerSize, tensor) : 0;

    /// <summary>Ranks over which heads, widths and vocabulary are divided.</summary>
    public int Tensor { get; } = tensor;

    /// <summary>The keys and values are narrower than the queries: eager attention repeats them to full width.</summary>
    public bool GroupedQueries { get; } = model.KeyValueHeads < model.AttentionHeads;
}
