namespace GpuMem.Serving;

/// <summary>One rank of a served model: its stage, its widths, its parameters.</summary>
internal readonly struct ServedRank
{
    public ServedRank(InferenceSpec spec, int stage)
    {
        Spec = spec;
        var layers = ServedStage.Of(spec, stage);
        Stage = spec.IsLitGPT ? stage == 0 ? layers with { Count = 1 } : layers with { Index = 1, Count = 3 } : layers;
        Shape = new RankShape(spec.Model, spec.Tensor, new ExpertLayout(spec.Expert, spec.Tensor));
        Kinds = LayerCounts.Of(spec.Model, Stage);
        Tally = ParameterTally.Of(spec.Model, Stage, Shape) + Repeated();
    }

    public InferenceSpec Spec { get; }

    public ModelArchitecture Model => Spec.Model;

    public PipelineStage Stage { get; }

    public RankShape Shape { get; }

    public LayerCounts Kinds { get; }

    public ParameterTally Tally { get; }

    /// <summary>Rows of the vocabulary on this rank.</summary>
    public long Vocabulary => Spec.IsLitGPT ? Model.VocabularySize : Shape.Vocabulary;

    /// <summary>Weights of the output matrix on this rank; none when it is the embedding.</summary>
    public long Head => Tally.Total - Tally.Matrices - Tally.Vectors - Tally.Embedding;

    /// <summary>Weights that llama.cpp leaves in the memory of the host.</summary>
    public long OnHost => checked(EmbeddingOnHost + ExpertsOnHost);

    /// <summary>
    /// The tables that tokens are looked up in, of which a tied one has a copy on the GPU as the output matrix (src/llama-model.cpp, dev_input is the CPU whatever
    /// --gpu-layers says).
    /// </summary>
    public long EmbeddingOnHost => Spec.Engine == InferenceEngine.LlamaCpp && Stage.IsFirst ? checked(Tally.Embedding - (Stage.IsLast ? TiedHead : 0)) : 0;

    /// <summary>Routed experts of the first layers, as many as are asked for (common/arg.cpp, --n-cpu-moe).</summary>
    private long ExpertsOnHost => Math.Min(Stage.Start + Stage.Layers, Spec.ExpertLayersOnHost) - Stage.Start is > 0 and var layers
        ? PartTally.Of(Model, Shape, ModelPart.RoutedExperts, Stage with { Layers = layers })
        : 0;

    private long TiedHead => Model.Parts is { } parts ? Ratio.DivideUp(parts.TiedHead, Spec.Tensor) : Model.TiedEmbeddings ? checked(Shape.Vocabulary * Shape.Hidden) : 0;

    /// <summary>The format of most quantised weights; null when none are.</summary>
    public QuantizationSpec? Quantization => Stored is { Scheme: QuantizationScheme.MXFP4 } && Spec.ExpandsMxfp4 ? null : Stored;

    /// <summary>
    /// What is quantised: as the checkpoint says, unless it is asked for in another format. One that is asked for by name alone is the checkpoint's own.
    /// </summary>
    public IReadOnlyList<StoredPart> StoredParts => Quantization is null ? [] : Model.CheckpointQuantization is { } checkpoint && (Spec.Quantization is not { } asked || asked.Scheme == checkpoint.Usual.Scheme)
        ? checkpoint.Parts
        : Quantization is { } usual ? CheckpointStorage.UsualParts(usual.Scheme, Model.Experts is not null) : [];

    private QuantizationSpec? Stored => Spec.Quantization ?? Model.CheckpointQuantization?.Usual;

    private ParameterTally Repeated()
    {
        if (!Spec.IsLitGPT)
            return default;
        var rows = checked((Model.VocabularySize - Shape.Vocabulary) * Shape.Hidden);
        var embedding = Stage.IsFirst ? rows : 0;
        var head = Stage.IsLast && (!Model.TiedEmbeddings || !Stage.IsFirst) ? rows : 0;
        return new ParameterTally(checked(embedding + head), 0, 0, embedding, 0);
    }
}
